package casefile_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/db"
)

// A reply goes to whom the composer names: who wrote last of those who take part, however much was written since, and its quote is theirs.
func TestAReplyGoesToWhomTheScreenNames(t *testing.T) {
	t.Parallel()
	r, _, c := disputed(t)
	says := func(name, address, body string) {
		r.do(func(tx *db.Tx) error {
			if err := r.cases.AddParticipantTx(t.Context(), tx, c.ID, cases.Participant{Address: address, Name: name, Accepted: true}, r.mara); err != nil {
				return err
			}
			_, err := r.cases.ReceiveTx(t.Context(), tx, c.ID, cases.InboundMessage{AuthorName: name, AuthorAddress: address, Subject: "Re", Body: body, Language: "en", Trust: cases.Known})
			return err
		})
	}
	says("Bea Brandt", "bea@brueckner.example", "The second of them was ours.")
	says("Carl Cordes", "carl@elsewhere.example", "Tell nobody else.")
	r.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update case_participants set accepted = false where case_id = $1 and address = 'carl@elsewhere.example'`, c.ID)
		return err
	})
	for range 81 {
		_, err := r.cases.AddNote(t.Context(), cases.NoteInput{On: cases.On{By: r.mara, ID: c.ID}, Body: "Still with metering."})
		r.must(err)
	}
	page := r.get(r.mara, "/cases/"+c.Number, false)
	page.has(t, http.StatusOK, "to Bea Brandt", `name="to" value="bea@brueckner.example"`)

	now, err := r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
	r.must(err)
	form := url.Values{"kind": {"reply"}, "body": {"Thank you."}, "to": {"bea@brueckner.example"}, "version": {strconv.Itoa(now.Version)}}
	r.post(r.mara, "/cases/"+c.Number+"/messages", form, true).has(t, http.StatusOK)
	mail, err := db.One[struct{ ToAddress, Body string }](t.Context(), r.db, `select to_address, text_body as body from outgoing_messages where case_id = $1 and kind = 'reply'`, c.ID)
	r.must(err)
	if mail.ToAddress != "bea@brueckner.example" || strings.Contains(mail.Body, "Tell nobody else") || !strings.Contains(mail.Body, "was ours") {
		t.Errorf("%+v", mail)
	}

	// The API names nobody, and goes by the same.
	now, err = r.cases.CaseByID(t.Context(), r.db, c.ID, r.mara)
	r.must(err)
	sent, err := r.cases.Reply(t.Context(), cases.ReplyInput{On: cases.On{By: r.mara, ID: c.ID, Version: now.Version}, Body: "Once more."})
	r.must(err)
	if to, err := db.Value[string](t.Context(), r.db, `select to_address from outgoing_messages where id = $1`, sent.OutgoingID); err != nil || to != "bea@brueckner.example" {
		t.Errorf("%s %v", to, err)
	}

	// Whoever was shown and takes part no more gets nothing.
	r.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update case_participants set accepted = false where case_id = $1 and address = 'bea@brueckner.example'`, c.ID)
		return err
	})
	form.Set("version", strconv.Itoa(sent.Case.Version))
	r.post(r.mara, "/cases/"+c.Number+"/messages", form, true).has(t, http.StatusConflict)
}
