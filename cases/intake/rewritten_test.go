package intake_test

import (
	"slices"
	"testing"

	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/parse"
)

// passedOn is a mail as a group of ours passes it on: under the address of the group, with whom it names as the writer.
func passedOn(id, writer string, more ...string) post {
	return post{
		from: `"'Anna' via Billing" <` + ours + `>`, subject: "Invoice", id: id, text: "When is it due?",
		headers: slices.Concat([]string{"Precedence: list", "List-ID: <billing.nordlicht.example>", "X-Original-From: Anna <" + writer + ">", "Reply-To: Anna <" + writer + ">"}, more),
	}
}

// sealedBy are the fields of a chain that two servers sealed: the first received the mail from its writer, the second from the group.
func sealedBy(first, verdict, second string) []string {
	return []string{
		"Authentication-Results: " + receiver + "; arc=pass (i=2 dmarc=pass fromdomain=aster.example); dmarc=pass (p=reject) header.from=nordlicht.example",
		"ARC-Seal: i=2; a=rsa-sha256; d=" + second + "; s=s; cv=pass; b=AAAA",
		"ARC-Authentication-Results: i=2; " + receiver + "; arc=pass; dmarc=pass header.from=nordlicht.example",
		"ARC-Seal: i=1; a=rsa-sha256; d=" + first + "; s=s; cv=none; b=AAAA",
		"ARC-Authentication-Results: i=1; " + receiver + "; spf=pass; dmarc=" + verdict + " (p=REJECT dis=NONE) header.from=aster.example",
	}
}

// TestGroupThatRewritesFrom: the writer counts when a receiver we trust saw them write and saw the group pass the mail on.
func TestGroupThatRewritesFrom(t *testing.T) {
	t.Parallel()
	d := setup(t)
	sealed := sealedBy("nordlicht.example", "pass", "nordlicht.example")
	first := d.deliver(passedOn("1@aster.example", "Anna@Aster.example", sealed...))
	d.want(first, inbox.NewCase, intake.ReasonOpened)
	c := d.caseOf(first)
	if c.CustomerID == nil || *c.CustomerID != d.aster || first.Sender != anna || d.warned(c, intake.WarnPassedOn) {
		t.Errorf("case of %v, written by %s", c.CustomerID, first.Sender)
	}
	if n := d.count(`outgoing_messages where to_address = $1`, anna); n != 1 || d.count(`outgoing_messages`) != 1 {
		t.Errorf("%d acknowledgements to the writer, %d mails", n, d.count(`outgoing_messages`))
	}
	if n := d.count(`case_participants where case_id = $1 and address = $2`, c.ID, ours); n != 0 {
		t.Error("the group takes part")
	}
	trust := value[string](t, d.db, `select trust from case_messages where inbound_message_id = $1`, first.ID)
	if trust != string(cases.Verified) {
		t.Errorf("trusted as %s", trust)
	}
	answer := passedOn("2@aster.example", anna, append(slices.Clone(sealed), "In-Reply-To: "+d.acknowledgements(c)[0])...)
	d.want(d.deliver(answer), inbox.Attached, intake.ReasonJoined)

	direct := post{from: "Anna <" + anna + ">", subject: "Invoice", id: "1@aster.example", text: "When is it due?", headers: []string{dmarc("pass")}}
	d.want(d.deliver(direct), inbox.Duplicate, intake.ReasonSameMessage)
	other := passedOn("1@aster.example", anna, append(slices.Clone(sealed), "X-Copy: 2")...)
	d.want(d.handle(d.store(d.otherBox, other.raw())), inbox.Duplicate, intake.ReasonOtherMailbox)

	byReplyTo := post{from: `"Anna via Billing" <` + ours + `>`, subject: "Due", id: "3@aster.example", text: "When?", headers: append(slices.Clone(sealed), "List-ID: <billing.nordlicht.example>", "Reply-To: "+anna)}
	if m := d.deliver(byReplyTo); m.Sender != anna || *d.caseOf(m).CustomerID != d.aster {
		t.Errorf("by Reply-To it is of %s", m.Sender)
	}
}

// TestGroupNobodyVouchesFor: without the word of a receiver we trust the mail is in triage, says why, and is answered by nobody; an answer
// in a case is held.
func TestGroupNobodyVouchesFor(t *testing.T) {
	t.Parallel()
	groups := func(fields ...string) []string { return fields }
	passes := "Authentication-Results: " + receiver + "; dmarc=pass (p=reject) header.from=nordlicht.example"
	for name, c := range map[string]struct {
		headers []string
		warning string
	}{
		"no receiver says anything":          {nil, intake.WarnPassedOn},
		"only the group was seen":            {groups(passes), intake.WarnPassedOn},
		"the writer's verdict is unsealed":   {groups(passes, "ARC-Authentication-Results: i=1; "+receiver+"; dmarc=pass header.from=aster.example"), intake.WarnPassedOn},
		"a field that anybody can write":     {groups(passes, "X-Original-Authentication-Results: "+receiver+"; dmarc=pass header.from=aster.example"), intake.WarnPassedOn},
		"the chain is said whole by nobody":  {append(groups(passes), sealedBy("nordlicht.example", "pass", "nordlicht.example")[1:]...), intake.WarnPassedOn},
		"a stranger sealed what he saw":      {sealedBy("evil.example", "pass", "nordlicht.example"), intake.WarnPassedOn},
		"a stranger sealed in between":       {sealedBy("nordlicht.example", "pass", "evil.example"), intake.WarnPassedOn},
		"the seal of a top-level domain":     {sealedBy("example", "pass", "nordlicht.example"), intake.WarnPassedOn},
		"the writer was seen to be forged":   {sealedBy("nordlicht.example", "fail", "nordlicht.example"), intake.WarnFailedDMARC},
		"the group itself is forged":         {groups("Authentication-Results: " + receiver + "; dmarc=fail header.from=nordlicht.example"), intake.WarnFailedDMARC},
		"nothing was found out about either": {groups("Authentication-Results: " + receiver + "; dmarc=none header.from=nordlicht.example"), intake.WarnPassedOn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			before := v.count(`outgoing_messages`)
			m := v.deliver(passedOn("2@evil.example", anna, c.headers...))
			v.want(m, inbox.NewCase, intake.ReasonOpened)
			opened := v.caseOf(m)
			if opened.CustomerID != nil || !v.warned(opened, c.warning) || m.Sender != anna {
				t.Errorf("case of %v by %s, without its warning", opened.CustomerID, m.Sender)
			}
			held := v.deliver(passedOn("3@evil.example", anna, append(slices.Clone(c.headers), "In-Reply-To: "+v.token)...))
			want := intake.ReasonPassedOn
			if c.warning == intake.WarnFailedDMARC {
				want = intake.ReasonUnverified
			}
			v.want(held, inbox.Held, want)
			if held.FateParams["sender"] != anna || held.FateParams["number"] != v.c.Number {
				t.Errorf("%v", held.FateParams)
			}
			if n := v.count(`outgoing_messages`); n != before {
				t.Errorf("%d mails answer it", n-before)
			}
			v.untouched()
		})
	}
}

// TestGroupsThatSayLess: a group that names nobody is held, our own mail that comes back is nobody's, and mail of others' groups is theirs.
func TestGroupsThatSayLess(t *testing.T) {
	t.Parallel()
	d := setup(t)
	unnamed := d.deliver(post{from: `"Anna via Billing" <` + ours + `>`, subject: "Invoice", id: "1@aster.example", text: "When?"})
	d.want(unnamed, inbox.Held, intake.ReasonUnnamed)
	if unnamed.FateParams["group"] != ours {
		t.Errorf("%v", unnamed.FateParams)
	}
	d.want(d.deliver(post{from: "Billing <" + ours + ">", subject: "Invoice", id: "2@nordlicht.example", text: "Our own."}), inbox.Ignored, intake.ReasonOwnMail)
	d.want(d.deliver(post{from: ours, subject: "Invoice", id: "3@nordlicht.example", text: "Our own.", headers: []string{"Reply-To: accounts@nordlicht.example"}}), inbox.Ignored, intake.ReasonOwnMail)

	d.want(d.deliver(post{from: ours, subject: "Invoice", id: "7@nordlicht.example", text: "A colleague's.", headers: []string{"Reply-To: jana.reuter@nordlicht.example"}}), inbox.Ignored, intake.ReasonOwnMail)
	signing := d.deliver(post{from: `"Anna via Signatures" <robot@signatures.example>`, subject: "Please sign", id: "8@signatures.example", text: "A contract.", headers: []string{"List-ID: <billing.nordlicht.example>"}})
	if d.want(signing, inbox.NewCase, intake.ReasonOpened); signing.Sender != "robot@signatures.example" {
		t.Errorf("a service that writes for others is of %s", signing.Sender)
	}

	form := d.deliver(post{from: "Web site <" + ours + ">", subject: "Form", id: "4@nordlicht.example", text: "When is it due?", headers: []string{"Reply-To: " + anna, "Authentication-Results: " + receiver + "; dmarc=pass header.from=nordlicht.example"}})
	if c := d.caseOf(form); c.CustomerID != nil || !d.warned(c, intake.WarnPassedOn) {
		t.Error("whoever fills in a form of a web site is believed")
	}
	theirs := d.deliver(post{from: `"Bo via Accounts" <accounts@aster.example>`, subject: "Hello", id: "5@aster.example", text: "When?", headers: []string{"X-Original-From: bo@borealis.example", dmarc("pass")}})
	if c := d.caseOf(theirs); theirs.Sender != "accounts@aster.example" || c.CustomerID == nil || *c.CustomerID != d.aster {
		t.Errorf("mail of a customer's group is of %s", theirs.Sender)
	}
}

// TestReleaseOfWhatAGroupPassedOn: whoever lets it into the case lets in the writer, never the group and all who read it.
func TestReleaseOfWhatAGroupPassedOn(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	held := v.deliver(passedOn("2@aster.example", "carl@aster.example", "In-Reply-To: "+v.token))
	v.want(held, inbox.Held, intake.ReasonPassedOn)
	v.must(v.intake.ReleaseToCase(t.Context(), intake.ReleaseInput{By: agent(), ID: held.ID, CaseID: v.c.ID}))
	people, err := v.cases.Participants(t.Context(), v.db, v.c.ID)
	v.must(err)
	var accepted []string
	for _, p := range people {
		if p.Accepted {
			accepted = append(accepted, p.Address)
		}
	}
	slices.Sort(accepted)
	if !slices.Equal(accepted, []string{anna, "carl@aster.example"}) {
		t.Errorf("%v take part", accepted)
	}
	alone := v.deliver(passedOn("3@aster.example", anna, "In-Reply-To: "+v.token))
	opened, err := v.intake.ReleaseAsNewCase(t.Context(), intake.ReleaseInput{By: agent(), ID: alone.ID})
	v.must(err)
	if opened.CustomerID != nil || !v.warned(opened, intake.WarnPassedOn) || v.message(alone.ID).Sender != anna {
		t.Errorf("released as %+v", opened)
	}
}

// TestSealed: what other programs write of ARC is read as they mean it.
func TestSealed(t *testing.T) {
	t.Parallel()
	trusted := []string{"mx.google.com"}
	h := parse.Headers{
		AuthenticationResults: []string{"mx.google.com; dkim=pass header.i=@nordlicht.example; arc=pass (i=1 spf=pass spfdomain=aster.example dkim=pass dmarc=pass fromdomain=aster.example); spf=pass; dmarc=pass (p=NONE) header.from=nordlicht.example"},
		ARCResults:            []string{"i=2; mx.google.com; dkim=pass; arc=pass (i=1); dmarc=pass header.from=nordlicht.example", "i=1; mx.google.com;       dkim=pass header.i=@aster.example; spf=pass; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=Aster.example"},
		ARCSeals:              []string{"i=2; a=rsa-sha256; t=1; cv=pass;        d=google.com; s=arc-20240605; b=x", "i=1; a=rsa-sha256; t=1; cv=none; d=google.com; s=arc; b=y"},
	}
	if got := intake.Sealed(h, trusted, "aster.example"); got != intake.Pass {
		t.Errorf("%q", got)
	}
	if got := intake.Sealed(h, trusted, "borealis.example"); got != intake.Unknown {
		t.Errorf("about another domain: %q", got)
	}
	if got := intake.Sealed(h, []string{"mx.nordlicht.example"}, "aster.example"); got != intake.Unknown {
		t.Errorf("by a receiver we do not trust: %q", got)
	}
	forged := h
	forged.ARCResults = []string{h.ARCResults[0], `i=1; mx.google.com; spf=pass smtp.mailfrom="; dmarc=pass header.from=aster.example; ("@evil.example; dmarc=fail header.from=aster.example`}
	if got := intake.Sealed(forged, trusted, "aster.example"); got != intake.Fail {
		t.Errorf("a verdict in the sender's address: %q", got)
	}
	forged.ARCResults[1] = "i=1; mx.google.com; spf=pass (; dmarc=fail header.from=aster.example"
	if got := intake.Sealed(forged, trusted, "aster.example"); got != intake.Fail {
		t.Errorf("a comment without an end: %q", got)
	}
	h.ARCSeals = append(h.ARCSeals, "i=1; d=google.com")
	if got := intake.Sealed(h, trusted, "aster.example"); got != intake.Unknown {
		t.Errorf("two seals of one instance: %q", got)
	}
}
