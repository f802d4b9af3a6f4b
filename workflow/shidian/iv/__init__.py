"""Two-stage least squares with absorbed fixed effects and the diagnostics of ivreg2 and ivreghdfe."""
