# Re-estimates one column of a regression table with base R, sandwich and AER (Debian: r-base-core r-cran-sandwich
# r-cran-aer). Nothing of shidian is used but the data file: missing rows and (unless they are kept) singletons are dropped here, effects are
# partialled out here, parameters are counted here.
#
# Conventions of the small-sample factor, N/(N-K) or (N-1)/(N-K) * G/(G-1); K counts
#   fixest   slopes and all levels less one a further effect; an effect nested in a cluster counts one level
#   reghdfe  slopes and the levels of effects that are not nested, less the redundant ones; one for the constant where
#            an effect is nested
#   xtreg    all levels are parameters, those of the first effect only where errors are not clustered
#   areg     every level of every effect
#   a Poisson, logit or probit takes N/(N-1) and G/(G-1) under reghdfe, and the observed information, as Stata does;
#            under fixest (N-1)/(N-K) and the expected information. Separated rows are not among the data any more.
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

# Conley (1999): scores of a year multiplied by the kernel of great-circle distance (haversine, mean radius of the earth), and
# a unit's own scores of other years by Bartlett's weights.
conley_meat <- function(scores, frame, rule) {
  longitude <- frame[[rule$place[1]]] * pi / 180
  latitude <- frame[[rule$place[2]]] * pi / 180
  unit <- as.character(frame[[rule$unit]])
  year <- frame[[rule$year]]
  meat <- matrix(0, ncol(scores), ncol(scores))
  for (t in unique(year)) {
    at <- which(year == t)
    half <- outer(latitude[at], latitude[at], function(a, b) sin((a - b) / 2)^2) +
      outer(cos(latitude[at]), cos(latitude[at])) *
        outer(longitude[at], longitude[at], function(a, b) sin((a - b) / 2)^2)
    km <- 2 * 6371.0088 * asin(pmin(sqrt(half), 1))
    kernel <- (km <= rule$km) * if (rule$kernel == "uniform") 1 else 1 - km / rule$km
    meat <- meat + t(scores[at, , drop = FALSE]) %*% kernel %*% scores[at, , drop = FALSE]
  }
  if (rule$lags > 0) {
    for (rows in split(seq_along(unit), unit)) {
      apart <- abs(outer(year[rows], year[rows], "-"))
      weight <- ifelse(apart > 0 & apart <= rule$lags, 1 - apart / (rule$lags + 1), 0)
      meat <- meat + t(scores[rows, , drop = FALSE]) %*% weight %*% scores[rows, , drop = FALSE]
    }
  }
  meat
}

# Negative eigenvalues, which two ways of clustering or a uniform kernel can give, are set to zero.
non_negative <- function(v) {
  parts <- eigen((v + t(v)) / 2, symmetric = TRUE)
  parts$vectors %*% (pmax(parts$values, 0) * t(parts$vectors))
}

# A Poisson, logit or probit by iterated least squares, the effects partialled out at every step.
fit_mean <- function(y, x, codes, prior, family, observed) {
  model <- switch(family, poisson = poisson(), logit = binomial(), probit = binomial("probit"))
  index <- model$linkfun(if (family == "poisson") (y + weighted.mean(y, prior)) / 2 else (y + 0.5) / 2)
  for (step in 1:500) {
    mean <- model$linkinv(index)
    slope <- model$mu.eta(index)
    weight <- prior * slope^2 / model$variance(mean)
    z <- cbind(index + (y - mean) / slope, x)
    if (length(codes)) z <- partial_out(z, codes, weight)
    fit <- lm.wfit(z[, -1, drop = FALSE], z[, 1], weight, tol = 1e-9)
    after <- index + (y - mean) / slope - fit$residuals
    moved <- max(abs(after - index))
    index <- after
    if (moved < 1e-10) break
  }
  mean <- model$linkinv(index)
  slope <- model$mu.eta(index)
  score <- prior * slope * (y - mean) / model$variance(mean)
  weight <- prior * slope^2 / model$variance(mean)
  if (observed && family == "probit") {
    towards <- ifelse(y == 1, index, -index)
    ratio <- dnorm(towards) / pnorm(towards)
    weight <- prior * ratio * (ratio + towards)
  }
  if (length(codes)) x <- partial_out(x, codes, weight)
  list(coefficients = fit$coefficients, x = x, weight = weight, score = score)
}

mean_regression <- function(frame, exhibit, column, outcome, regressors, terms, effects, errors, clusters, convention,
                            weights, family) {
  n <- nrow(frame)
  prior <- if (is.null(weights)) rep(1, n) else frame[[weights]] * n / sum(frame[[weights]])
  codes <- lapply(effects, function(e) as.character(frame[[e]]))
  groups <- lapply(clusters, function(g) as.character(frame[[g]]))
  x <- as.matrix(frame[regressors])
  storage.mode(x) <- "double"
  raw <- x
  if (length(codes)) x <- partial_out(x, codes, prior)
  spread <- apply(raw, 2, function(v) sqrt(sum((v - mean(v))^2)))
  alive <- sqrt(colSums(x^2)) > 1e-7 * spread & spread > 0
  order <- qr(sweep(x[, alive, drop = FALSE], 2, sqrt(colSums(x[, alive, drop = FALSE]^2)), "/"), tol = 1e-7)
  kept <- which(alive)[sort(order$pivot[seq_len(order$rank)])]
  own <- raw[, kept, drop = FALSE]
  if (!length(codes)) own <- cbind(own, 1)
  fit <- fit_mean(frame[[outcome]], own, codes, prior, family, convention == "reghdfe")
  inverse <- solve(crossprod(fit$x, fit$x * fit$weight))
  k <- count_parameters(length(kept), codes, groups, if (convention == "fixest") "fixest" else "reghdfe")
  counted <- if (convention == "fixest") k else 1
  influence <- (fit$x * fit$score) %*% inverse
  if (errors == "iid") {
    v <- inverse * (n - 1) / (n - counted)
  } else if (errors == "hetero") {
    v <- crossprod(influence) * n / (n - counted)
  } else {
    meat <- function(g) crossprod(rowsum(influence, g))
    sizes <- sapply(groups, function(g) length(unique(g)))
    v <- meat(groups[[1]])
    if (length(groups) == 2) v <- v + meat(groups[[2]]) - meat(paste(groups[[1]], groups[[2]]))
    v <- v * (n - 1) / (n - counted) * min(sizes) / (min(sizes) - 1)
    if (length(groups) == 2) { # on a scale without units of measure
      scale <- outer(sqrt(diag(inverse)), sqrt(diag(inverse)))
      v <- non_negative(v / scale) * scale
    }
  }
  keep <- match(terms, regressors[kept])
  data.frame(
    exhibit = exhibit, column = column, term = names(terms), estimate = unname(fit$coefficients[keep]),
    se = sqrt(diag(v))[keep], n_obs = n, parameters = k, row.names = NULL
  )
}

# Regress by least squares (or 2SLS) with the effects partialled out; returns coefficients, errors and rows.
regression <- function(exhibit, column, data, texts, outcome, regressors, terms, effects, errors, clusters, convention,
                       singletons = "drop", weights = NULL, endogenous = NULL, instruments = NULL, conley = NULL, family = NULL) {
  frame <- read_sample(data, texts)
  needed <- unique(c(outcome, endogenous, regressors, instruments, effects, clusters))
  frame <- frame[complete.cases(frame[needed]), , drop = FALSE]
  if (singletons == "drop") frame <- drop_singletons(frame, effects)
  if (!is.null(family)) {
    return(mean_regression(
      frame, exhibit, column, outcome, regressors, terms, effects, errors, clusters, convention, weights, family
    ))
  }
  n <- nrow(frame)
  weight <- if (is.null(weights)) rep(1, n) else frame[[weights]] * n / sum(frame[[weights]])
  effect_codes <- lapply(effects, function(e) as.character(frame[[e]]))
  cluster_codes <- lapply(clusters, function(g) as.character(frame[[g]]))

  x <- as.matrix(frame[c(endogenous, regressors, instruments, outcome)])
  storage.mode(x) <- "double"
  constant <- if (length(effects)) NULL else matrix(1, n, 1, dimnames = list(NULL, ""))
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
  label <- colnames(x_all)
  estimated <- !is.na(coef(fit))
  slopes <- sum(label[estimated] != "")
  k <- if (errors == "conley") {
    NA
  } else if (length(endogenous) || convention %in% c("ivreghdfe", "ivreg2")) {
    slopes + count_absorbed(effect_codes, cluster_codes, convention)
  } else {
    count_parameters(slopes, effect_codes, cluster_codes, convention)
  }
  inverse <- bread(fit) / nobs(fit)
  if (errors == "conley") {
    v <- inverse %*% conley_meat(estfun(fit), frame, conley) %*% inverse
  } else if (errors == "iid") {
    v <- inverse * sum(weight * residuals(fit)^2) / if (convention == "ivreg2") n else n - k
  } else if (errors == "hetero") {
    v <- sandwich(fit) * if (convention == "ivreg2") 1 else n / (n - k)
  } else {
    groups <- min(sapply(cluster_codes, function(g) length(unique(g))))
    by <- if (length(cluster_codes) == 1) cluster_codes[[1]] else as.data.frame(setNames(cluster_codes, clusters))
    v <- vcovCL(fit, cluster = by, type = "HC0", cadjust = FALSE)
    if (convention != "ivreg2") v <- v * (n - 1) / (n - k) * groups / (groups - 1)
  }
  unit <- c(norms, "1" = 1)[ifelse(label == "", "1", label)] # back to the regressors' own units of measure
  v <- v / outer(unit[estimated], unit[estimated])
  if (errors == "conley" || length(clusters) > 1) v <- non_negative(v)
  se <- rep(NA_real_, length(estimated))
  se[estimated] <- sqrt(diag(v))
  keep <- match(terms, label)
  data.frame(
    exhibit = exhibit, column = column, term = names(terms), estimate = unname((coef(fit) / unit)[keep]),
    se = se[keep], n_obs = n, parameters = k, row.names = NULL
  )
}

write_results <- function(results, file) {
  dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
  for (name in c("estimate", "se")) results[[name]] <- sprintf("%.17g", results[[name]])
  write.csv(results, file, row.names = FALSE, fileEncoding = "UTF-8")
}
