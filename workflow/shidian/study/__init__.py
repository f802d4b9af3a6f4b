"""The study file: one YAML a study, checked before any job runs."""
