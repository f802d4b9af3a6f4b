# Re-estimates one column of a regression table with base R, sandwich and AER (Debian: r-base-core r-cran-sandwich
# r-cran-aer). Nothing of shidian is used but the data file: missing rows and singletons are dropped here, effects are
# partialled out here, parameters are counted here.
#
# Conventions of the small-sample factor, N/(N-K) or (N-1)/(N-K) * G/(G-1); K counts
#   fixest   slopes and all levels less one a further effect; an effect nested in a cluster counts one level
#   reghdfe  slopes and the levels of effects that are not nested, less the redundant ones; one for the constant where
#            an effect is nested
#   xtreg    all levels are parameters, those of the first effect only where errors are not clustered
#   areg     every level of every effect
#   ivreghdfe, ivreg2   as reghdfe without the one for the constant; ivreg2 takes no factor at all

suppressPackageStartupMessages({
  library(sandwich)
  library(AER)
})

read_sample <- function(file, texts) {
  classes <- setNames(rep("character", length(texts)), texts)
  read.csv(file, colClasses = classes, na.strings = "", encoding = "UTF-8", check.names = FALSE)
}

drop_singletons <- function(frame, effects) {
  repeat {
    single <- rep(FALSE, nrow(frame))
    for (effect in effects) {
      code <- as.character(frame[[effect]])
      single <- single | as.vector(table(code)[code]) == 1
    }
    if (!any(single)) return(frame)
    frame <- frame[!single, , drop = FALSE]
  }
}

is_nested <- function(effect, cluster) all(tapply(cluster, effect, function(x) length(unique(x))) == 1)

# Connected components of the graph that joins the levels of two effects seen in one row.
components <- function(a, b) {
  a <- as.integer(factor(a)); b <- as.integer(factor(b))
  mark_a <- seq_len(max(a))
  repeat {
    mark_b <- tapply(mark_a[a], b, min)
    after <- pmin(mark_a, tapply(mark_b[b], a, min))
    if (all(after == mark_a)) return(length(unique(mark_a)))
    mark_a <- as.vector(after)
  }
}

redundant <- function(effects, first) {
  count <- if (length(effects)) first else 0
  for (j in seq_along(effects)[-1]) {
    count <- count + max(sapply(seq_len(j - 1), function(i) components(effects[[i]], effects[[j]])))
  }
  count
}

count_parameters <- function(slopes, effects, clusters, convention) {
  if (!length(effects)) return(slopes + 1)
  levels <- sapply(effects, function(e) length(unique(e)))
  nested <- sapply(effects, function(e) any(vapply(clusters, function(g) is_nested(e, g), TRUE)))
  if (convention == "fixest") {
    return(slopes + sum(levels) - (length(effects) - 1) - sum((levels - 1)[nested]))
  }
  if (convention == "reghdfe") {
    outside <- effects[!nested]
    return(slopes + sum(levels[!nested]) - redundant(outside, as.integer(any(nested))) + as.integer(any(nested)))
  }
  full <- slopes + sum(levels) - redundant(effects, 0)
  if (convention == "areg" || !length(clusters)) return(full)
  full - levels[1] + 1
}

# The same for 2SLS, where absorbed effects count one parameter at least.
count_absorbed <- function(effects, clusters, convention) {
  if (!(convention %in% c("ivreghdfe", "ivreg2"))) return(max(1, count_parameters(0, effects, clusters, convention)))
  count <- count_parameters(0, effects, clusters, "reghdfe")
  if (length(clusters)) {
    count <- count - as.integer(any(vapply(effects, function(e) is_nested(e, clusters[[1]]), TRUE)))
  }
  max(1, count)
}

# Less the weighted means by level of one effect.
within <- function(x, code, weight) {
  x - (rowsum(x * weight, code) / as.vector(rowsum(weight, code)))[as.character(code), , drop = FALSE]
}

dummies <- function(code) {
  level <- sort(unique(code))
  if (length(level) < 2) return(NULL)
  sapply(level[-1], function(value) as.numeric(code == value))
}

# Residuals on all effects: the one with most levels by its means, the others as dummies (Frisch-Waugh-Lovell).
partial_out <- function(x, codes, weight) {
  largest <- which.max(sapply(codes, function(code) length(unique(code))))
  others <- do.call(cbind, lapply(codes[-largest], dummies))
  swept <- within(cbind(x, others), codes[[largest]], weight)
  own <- swept[, seq_len(ncol(x)), drop = FALSE]
  if (is.null(others)) return(own)
  left <- lm.wfit(swept[, -seq_len(ncol(x)), drop = FALSE], own, weight, tol = 1e-9)$residuals
  dimnames(left) <- dimnames(own)
  left
}

# Regress by least squares (or 2SLS) with the effects partialled out; returns coefficients, errors and rows.
regression <- function(exhibit, column, data, texts, outcome, regressors, terms, effects, errors, clusters, convention,
                       weights = NULL, endogenous = NULL, instruments = NULL) {
  frame <- read_sample(data, texts)
  needed <- unique(c(outcome, endogenous, regressors, instruments, effects, clusters))
  frame <- frame[complete.cases(frame[needed]), , drop = FALSE]
  frame <- drop_singletons(frame, effects)
  n <- nrow(frame)
  weight <- if (is.null(weights)) rep(1, n) else frame[[weights]] * n / sum(frame[[weights]])
  effect_codes <- lapply(effects, function(e) as.character(frame[[e]]))
  cluster_codes <- lapply(clusters, function(g) as.character(frame[[g]]))

  x <- as.matrix(frame[c(endogenous, regressors, instruments, outcome)])
  storage.mode(x) <- "double"
  constant <- if (length(effects)) NULL else matrix(1, n, 1)
  if (length(effects)) x <- partial_out(x, effect_codes, weight)
  y <- x[, outcome]
  own <- x[, c(endogenous, regressors), drop = FALSE]
  norms <- sqrt(colSums(own^2))
  spread <- sapply(frame[c(endogenous, regressors)], function(v) sqrt(sum((v - mean(v))^2)))
  own[, norms <= 1e-7 * spread] <- 0 # absorbed by the effects
  own <- sweep(own, 2, ifelse(norms > 0, norms, 1), "/") # of unit norm: units of measure do not decide collinearity
  if (length(endogenous)) {
    exogenous <- cbind(own[, regressors, drop = FALSE], constant)
    z <- cbind(x[, instruments, drop = FALSE], exogenous)
    x_all <- cbind(own[, endogenous, drop = FALSE], exogenous)
    fit <- ivreg(y ~ x_all - 1 | z - 1)
  } else {
    x_all <- cbind(constant, own) # of a collinear set the earlier regressors stay
    fit <- lm(y ~ x_all - 1, weights = weight, tol = 1e-9)
  }
  estimated <- !is.na(coef(fit))
  names(estimated) <- colnames(x_all)
  label <- if (is.null(colnames(x_all))) character(0) else colnames(x_all)
  keep <- match(terms, label)

  slopes <- sum(label[estimated] %in% c(endogenous, regressors))
  k <- if (length(endogenous)) {
    slopes + count_absorbed(effect_codes, cluster_codes, convention)
  } else if (convention %in% c("ivreghdfe", "ivreg2")) {
    slopes + count_absorbed(effect_codes, cluster_codes, convention)
  } else {
    count_parameters(slopes, effect_codes, cluster_codes, convention)
  }
  if (errors == "iid") {
    residual <- residuals(fit) * sqrt(weight)
    v <- bread(fit) / nobs(fit) * sum(residual^2) / if (convention == "ivreg2") n else n - k
  } else if (errors == "hetero") {
    factor <- if (convention == "ivreg2") 1 else n / (n - k)
    v <- sandwich(fit) * factor
  } else {
    groups <- min(sapply(cluster_codes, function(g) length(unique(g))))
    factor <- if (convention == "ivreg2") 1 else (n - 1) / (n - k) * groups / (groups - 1)
    by <- if (length(cluster_codes) == 1) cluster_codes[[1]] else as.data.frame(setNames(cluster_codes, clusters))
    v <- vcovCL(fit, cluster = by, type = "HC0", cadjust = FALSE, fix = length(clusters) > 1) * factor
  }
  se <- rep(NA_real_, length(estimated))
  se[estimated] <- sqrt(diag(v))[seq_len(sum(estimated))]
  data.frame(
    exhibit = exhibit, column = column, term = names(terms), estimate = unname(coef(fit)[keep] / norms[terms]),
    se = unname(se[keep] / norms[terms]), n_obs = n, parameters = k, row.names = NULL
  )
}

write_results <- function(results, file) {
  dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
  for (name in c("estimate", "se")) results[[name]] <- sprintf("%.17g", results[[name]])
  write.csv(results, file, row.names = FALSE, fileEncoding = "UTF-8")
}
