"""The author's own manuscript: a study's tables, figures and numbers put into it, and its numbers checked."""
