package credits

// PostAll posts requests as if they had waited for one another.
var PostAll = (*Service).postAll
