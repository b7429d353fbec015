package intake_test

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"makegood/inbox/send"
	"makegood/internal/db"
	"makegood/internal/jobs"
	"makegood/internal/jobs/jobstest"
)

// facing are two installations, each the other's customer by mail: what one sends the other receives.
type facing struct {
	t     *testing.T
	desks [2]*desk
	boxes [2]*letterbox
	work  [2]*jobs.Registry
	strip *regexp.Regexp // what the mail servers between them drop
}

const theirs = "rechnung@suedlicht.example"

func newFacing(t *testing.T, strip string) *facing {
	t.Helper()
	f := &facing{t: t, desks: [2]*desk{setupAs(t, "mail.nordlicht.example"), setupAs(t, "mail.suedlicht.example")}}
	f.desks[1].do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update legal_entities set support_address = $1`, theirs)
		f.desks[1].must(err)
		_, err = tx.Exec(t.Context(), `update mailboxes set address = case when address = $1 then $2 else 'other@suedlicht.example' end`, ours, theirs)
		return err
	})
	if strip != "" {
		f.strip = regexp.MustCompile(strip)
	}
	for n, d := range f.desks {
		f.boxes[n], f.work[n] = &letterbox{}, jobs.NewRegistry()
		send.New(d.inbox, f.boxes[n], slog.New(slog.DiscardHandler)).Register(f.work[n])
		d.intake.Register(f.work[n])
		d.cases.Register(f.work[n])
	}
	return f
}

// rest lets them write to each other until nothing is on its way, and counts the mails that went; it gives up at a hundred.
func (f *facing) rest() int {
	f.t.Helper()
	seen := [2]int{}
	total := 0
	for moved := true; moved && total < 100; {
		moved = false
		for n := range f.desks {
			jobstest.DrainNow(f.t, f.desks[n].db, f.work[n], f.desks[n].clock)
			for ; seen[n] < len(f.boxes[n].mails); seen[n]++ {
				raw := f.boxes[n].mails[seen[n]]
				if f.strip != nil {
					head, body, _ := strings.Cut(raw, "\r\n\r\n")
					raw = f.strip.ReplaceAllString(head+"\r\n", "") + "\r\n" + body
				}
				other := f.desks[1-n]
				other.store(other.box, []byte(raw))
				total++
				moved = true
			}
		}
	}
	return total
}

func TestTwoInstallationsComeToRest(t *testing.T) {
	t.Parallel()
	const machine = `Auto-Submitted|Precedence|X-Auto-Response-Suppress|X-Makegood-Loop|List-[A-Za-z-]+|X-Mailer|User-Agent`
	for name, c := range map[string]struct {
		strip string
		want  int
	}{
		"as they are": {"", 1},
		"a mail server drops what says that a machine writes":              {`(?im)^(?:` + machine + `):[^\r]*\r\n(?:[ \t][^\r]*\r\n)*`, 2},
		"a mail server drops that, and what a mail answers":                {`(?im)^(?:` + machine + `|In-Reply-To|References):[^\r]*\r\n(?:[ \t][^\r]*\r\n)*`, 4},
		"a mail server drops all that, and gives each mail another number": {`(?im)^(?:` + machine + `|In-Reply-To|References|Message-I[dD]):[^\r]*\r\n(?:[ \t][^\r]*\r\n)*`, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFacing(t, c.strip)
			first := f.desks[0]
			first.store(first.box, post{from: "Suedlicht <" + theirs + ">", subject: "A question", id: "1@suedlicht.example", text: "When is it due?"}.raw())
			total := f.rest()
			if total != c.want {
				t.Errorf("%d mails went to and fro, want %d", total, c.want)
			}
			for n, d := range f.desks {
				if waiting := d.count(`outgoing_messages where state in ('queued', 'sending')`); waiting > 0 {
					t.Errorf("installation %d still has %d mails to send", n, waiting)
				}
				if pending := d.count(`inbound_messages where fate = 'pending'`); pending > 0 {
					t.Errorf("installation %d has %d mails without a fate", n, pending)
				}
				if twice := d.count(`(select case_id from outgoing_messages where kind = 'acknowledgement' group by case_id having count(*) > 1) x`); twice > 0 {
					t.Errorf("installation %d acknowledged %d cases more than once", n, twice)
				}
			}
			t.Logf("%d mails until rest", total)
		})
	}
}
