"""The screening engine: names to words, words to likeness, an index that finds every pair that may reach the threshold. Pure."""

ENGINE = "aligned-words 7"  # changes whenever a score or an explanation may change
THRESHOLD = 0.815  # at which less than one clean party in a hundred alerts (`make bench-screening`)
