"""The review report of a module: checklist, score, issues by priority, strengths, gaps."""
