package classify

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
)

// problem is what one-against-the-rest machines are trained on.
type problem struct {
	texts [][]term
	norms []float32 // squared length, with the constant
	class []int
	size  int // features
}

// The settings of the machines. cost weighs an error against a large weight; the pass limit bounds the time.
const (
	tolerance = 0.1
	maxPasses = 60
)

// machines trains one machine for each class and gives their weights by feature, then by class; the last row holds the
// constants. It uses every processor; the result does not depend on how many there are.
func (p problem) machines(ctx context.Context, classes int, o Options) ([]float32, error) {
	weights := make([]float32, (p.size+1)*classes)
	next := make(chan int)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), classes) {
		all.Go(func() {
			for k := range next {
				w := p.machine(ctx, k, o)
				for f, x := range w {
					weights[f*classes+k] = x
				}
			}
		})
	}
	for k := range classes {
		next <- k
	}
	close(next)
	all.Wait()
	return weights, ctx.Err()
}

// dual is one machine in training.
type dual struct {
	problem
	w      []float32
	alpha  []float32
	order  []int
	damp   float32 // 1/(2·cost)
	class  int
	random *rand.Rand
}

// machine finds the weights of one class by dual coordinate descent for the squared hinge loss with L2 regularisation
// (Hsieh and others, "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008, algorithm 3 with
// shrinking).
func (p problem) machine(ctx context.Context, class int, o Options) []float32 {
	d := dual{
		problem: p, w: make([]float32, p.size+1), alpha: make([]float32, len(p.texts)), order: make([]int, len(p.texts)),
		damp: float32(0.5 / o.Cost), class: class, random: rand.New(rand.NewPCG(o.Seed, uint64(class))), //nolint:gosec // repeatable on purpose
	}
	for i := range d.order {
		d.order[i] = i
	}
	active, bound := len(d.order), float32(1e30)
	for pass := 0; pass < maxPasses && ctx.Err() == nil; pass++ {
		var high, low float32
		active, high, low = d.pass(active, bound)
		if high-low <= tolerance {
			if active == len(d.order) {
				break
			}
			active, bound = len(d.order), 1e30 // look at everything once more
			continue
		}
		if bound = high; bound <= 0 {
			bound = 1e30
		}
	}
	return d.w
}

// pass goes once over the active examples in a random order and sets aside those that stay at zero. It, score and move are
// all that training spends its time in and touch nothing but this problem's own weights, so the race detector leaves them out.
//
//go:norace
func (d *dual) pass(active int, bound float32) (left int, high, low float32) {
	high, low = -1e30, 1e30
	d.random.Shuffle(active, func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
	for s := 0; s < active; s++ {
		i := d.order[s]
		y := float32(-1)
		if d.problem.class[i] == d.class {
			y = 1
		}
		gradient := y*d.score(i) - 1 + d.alpha[i]*d.damp
		projected := gradient
		if d.alpha[i] == 0 {
			if gradient > bound {
				active--
				d.order[s], d.order[active] = d.order[active], d.order[s]
				s--
				continue
			}
			projected = min(gradient, 0)
		}
		high, low = max(high, projected), min(low, projected)
		if projected > 1e-12 || projected < -1e-12 {
			before := d.alpha[i]
			d.alpha[i] = max(before-gradient/(d.norms[i]+d.damp), 0)
			d.move(i, (d.alpha[i]-before)*y)
		}
	}
	return active, high, low
}

//go:norace
func (d *dual) score(i int) float32 {
	sum := d.w[d.size]
	for _, t := range d.texts[i] {
		sum += d.w[t.id] * t.value
	}
	return sum
}

//go:norace
func (d *dual) move(i int, by float32) {
	d.w[d.size] += by
	for _, t := range d.texts[i] {
		d.w[t.id] += by * t.value
	}
}
