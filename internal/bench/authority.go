package bench

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/shopspring/decimal"

	"makegood/credits/authority"
	"makegood/credits/authority/policy"
)

// AuthorityFigures say how many chains a second one core draws for the demo policy, its levels and a desk of forty people:
// what a preview costs beside its reads.
type AuthorityFigures struct {
	Rules    int    `json:"rules"`
	People   int    `json:"people"`
	Requests int    `json:"requests"` // different ones, over and over
	Rate     Spread `json:"per_second"`
	CPU      Spread `json:"cpu_microseconds"` // of processor time for one
	Met      bool   `json:"met"`
}

// mustDraw is what one core must reach, in chains a second.
const mustDraw = 10_000

// Authority measures how fast a policy is worked out. It needs no database.
func Authority(o Options) (Report, error) {
	o = o.filled()
	report := Report{Machine: NewMachine()}
	demo := policy.Demo()
	compiled, err := policy.Compile(demo)
	if err != nil {
		return report, err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	who, asked := authorityDesk(o.Now()), authorityRequests()
	var rates, costs []float64
	for range o.Rounds {
		began, before, n := o.Now(), ownTime(), 0
		for o.Now().Sub(began) < time.Duration(o.Seconds)*time.Second {
			for _, one := range asked {
				if _, err := compiled.Chain(one.facts, one.request, who); err != nil {
					return report, err
				}
				n++
			}
		}
		rates = append(rates, float64(n)/o.Now().Sub(began).Seconds())
		costs = append(costs, float64((ownTime()-before).Nanoseconds())/1000/float64(n))
	}
	f := AuthorityFigures{Rules: len(demo.Rules), People: len(who.Holders), Requests: len(asked), Rate: Median(rates), CPU: Median(costs)}
	f.Met = f.Rate.Median >= mustDraw
	report.Authority = &f
	report.Machine = report.Machine.After("")
	return report, nil
}

func writeAuthority(w io.Writer, f AuthorityFigures) {
	_, _ = fmt.Fprintln(w, "policy\trules\tpeople\tpreviews/s on one cpu\tleast–most\tcpu µs\tmust\t")
	_, _ = fmt.Fprintf(w, "demo\t%d\t%d\t%.0f\t%.0f–%.0f\t%.1f\t%s: %d/s\t\n", f.Rules, f.People, f.Rate.Median, f.Rate.Least, f.Rate.Most, f.CPU.Median, met(f.Met), mustDraw)
}

// authorityDesk is twenty agents, ten seniors, six supervisors, two controllers and two directors.
func authorityDesk(now time.Time) policy.Organisation {
	who := policy.Organisation{Levels: authority.DemoLevels(), Currency: "EUR", Now: now}
	user := int64(0)
	for level, group := range []struct {
		people int
		role   string
	}{{20, "agent"}, {10, "senior"}, {6, "supervisor"}, {2, "controller"}, {2, "director"}} {
		for range group.people {
			user++
			who.Holders = append(who.Holders, authority.Holder{
				LevelID: int64(level + 1), UserID: user, Roles: []string{group.role}, Active: true, Absent: user%7 == 0,
			})
		}
	}
	for _, director := range []int64{user - 1, user} {
		who.Holders = append(who.Holders, authority.Holder{LevelID: 6, UserID: director, Roles: []string{"director"}, Active: true})
	}
	who.Delegations = []authority.Delegation{{From: 35, To: 36, Starts: now.Add(-time.Hour), Ends: now.Add(time.Hour)}}
	return who
}

type authorityRequest struct {
	facts   policy.Facts
	request authority.Request
}

// authorityRequests are some of every sort: small and large, in closed periods, of partners, with money paid out.
func authorityRequests() []authorityRequest {
	var list []authorityRequest
	for i, kind := range authority.Kinds() {
		for j, amount := range []int64{80, 844, 5_000, 12_400, 60_000, 300_000} {
			one := authorityRequest{
				facts: policy.Facts{
					Kind: kind, Gross: decimal.NewFromInt(amount), Net: decimal.NewFromInt(amount), Entity: "DE", Region: "DE", Tier: "gold",
					Roles: []string{"agent"}, InvoiceAge: 90 * j, Partner: (i+j)%3 == 0, ClosedPeriod: (i+j)%5 == 0, TaxChange: (i+j)%7 == 0,
				},
				request: authority.Request{
					RequesterID: int64(1 + i), EntityID: 1, Tier: "gold", WindowTotal: decimal.NewFromInt(300), InvoiceTotal: decimal.NewFromInt(120),
				},
			}
			for _, window := range []string{"contract", "reason", "requester"} {
				one.request.Further = append(one.request.Further, authority.Together{Window: window, Total: decimal.NewFromInt(250), Times: 3})
			}
			one.request.Signed = []authority.Signed{{Window: "day", Times: 20, By: map[int64]decimal.Decimal{21: decimal.NewFromInt(900)}}}
			list = append(list, one)
		}
	}
	return list
}
