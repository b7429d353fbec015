package credits

import "context"

// SweepNow sweeps.
func (s *Service) SweepNow(ctx context.Context) error { return s.sweep(ctx, Sweep{}) }

// CheckCoverageNow looks for what nobody could decide.
func (s *Service) CheckCoverageNow(ctx context.Context) error {
	return s.checkCoverage(ctx, CheckCoverage{})
}

// PostAll posts requests as if they had waited for one another.
var PostAll = (*Service).postAll

// Gatherer is what gathers requests that wait to be posted.
type Gatherer struct{ t together }

// Do posts a request with whichever others wait.
func (g *Gatherer) Do(ctx context.Context, id ID, post func(context.Context, []ID) map[ID]error) error {
	return g.t.do(ctx, id, post)
}

// MostTogether is how many requests share a transaction at most.
const MostTogether = postAtOnce
