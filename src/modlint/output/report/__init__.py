"""The review report: what it says (contents), what changed (comparison), a file a format."""
