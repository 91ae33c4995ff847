"""The files of a run as one course: what each is for, and who imports whom."""
