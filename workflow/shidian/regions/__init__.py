"""Provinces, cities and counties through renames, new codes, mergers and dissolutions; outlines of prefectures."""
