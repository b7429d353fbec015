package commitment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Version names the form of a sheet and the rules it was worked out by.
const Version = "service-credit/1"

// The steps from the lines to the proposal, in order.
const (
	StepCombined = "combined"
	StepRounded  = "rounded"
	StepFee      = "fee_limit"
	StepMonthCap = "month_cap"
	StepYearCap  = "year_cap"
	StepGiven    = "given"
	StepProposed = "proposed"
)

// ClaimState tells whether a claim is in time.
type ClaimState string

// The states of a claim.
const (
	ClaimNoWindow   ClaimState = "no_window"
	ClaimInTime     ClaimState = "in_time"
	ClaimPartlyLate ClaimState = "partly_late"
	ClaimLate       ClaimState = "late"
)

// Sheet is the computation of a service's credit for a month: what went in, each step, and what comes out. Times are UTC,
// days are the contract's, amounts are strings in its currency.
type Sheet struct {
	Version     string           `json:"version"`
	Contract    string           `json:"contract"`
	Customer    string           `json:"customer"`
	Service     string           `json:"service"`
	Product     string           `json:"product,omitempty"`
	Month       string           `json:"month"`
	InForce     Days             `json:"in_force"`
	Terms       Terms            `json:"terms"`
	Commitments []SheetPromise   `json:"commitments"`
	Period      Period           `json:"period"`
	Fees        []FeePart        `json:"fees"`
	MonthlyFee  string           `json:"monthly_fee"`
	FeeBase     string           `json:"fee_base"`
	Incidents   []SheetIncident  `json:"incidents"`
	Exclusions  []SheetExclusion `json:"exclusions"`
	Intervals   []Interval       `json:"intervals"`
	Lines       []Line           `json:"lines"`
	Year        *YearUse         `json:"year,omitempty"`
	Steps       []Step           `json:"steps"`
	Rounding    string           `json:"rounding"`
	Given       []Given          `json:"given"`
	Owed        string           `json:"owed"`     // before what was given
	Proposed    string           `json:"proposed"` // after
	Claim       Claim            `json:"claim"`
}

// Days are calendar days from–until, both meant; an empty until is open-ended.
type Days struct {
	From  string `json:"from"`
	Until string `json:"until,omitempty"`
}

// SheetPromise is a commitment as the sheet shows it.
type SheetPromise struct {
	Commitment
	DeliverBy string `json:"deliver_by,omitempty"`
}

// Period is the part of the month in which the service was in force, in minutes that passed.
type Period struct {
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Minutes  int64     `json:"minutes"`
	Excluded int64     `json:"excluded_minutes"`
	Down     int64     `json:"down_minutes"`
}

// FeePart is a fee that was in force for some days of the month.
type FeePart struct {
	From       string `json:"from"`
	Until      string `json:"until"`
	Days       int    `json:"days"`
	MonthlyFee string `json:"monthly_fee"`
}

// SheetIncident is an incident as it was known.
type SheetIncident struct {
	ID     int64         `json:"id"`
	Title  string        `json:"title"`
	Source string        `json:"source,omitempty"`
	Kind   IncidentKind  `json:"kind"`
	From   time.Time     `json:"from"`
	Until  *time.Time    `json:"until,omitempty"` // nil: not over
	Cause  ExclusionKind `json:"cause,omitempty"`
}

// SheetExclusion is a window, and whether the contract excludes its kind.
type SheetExclusion struct {
	ID      int64         `json:"id"`
	Kind    ExclusionKind `json:"kind"`
	From    time.Time     `json:"from"`
	Until   time.Time     `json:"until"`
	Reason  string        `json:"reason,omitempty"`
	Applies bool          `json:"applies"`
}

// Interval is a part of an incident: counted, or why not.
type Interval struct {
	Incident int64     `json:"incident"`
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Minutes  int64     `json:"minutes"`
	Counted  bool      `json:"counted"`
	Reason   string    `json:"reason,omitempty"`
	Detail   string    `json:"detail,omitempty"`
}

// Line is a commitment judged for the month or for one event.
type Line struct {
	Commitment  int       `json:"commitment"` // its place in Commitments, from 1
	Ref         string    `json:"ref,omitempty"`
	Metric      Metric    `json:"metric"`
	Formula     Formula   `json:"formula"`
	Incidents   []int64   `json:"incidents"`
	From        time.Time `json:"from"`
	Until       time.Time `json:"until"`
	Target      string    `json:"target"`
	Measured    string    `json:"measured"` // per cent, hours, or the day of delivery
	Minutes     int64     `json:"minutes"`  // that count: of the month, or of the event
	Down        int64     `json:"down_minutes,omitempty"`
	Free        int64     `json:"free_minutes,omitempty"` // within the target
	Breached    bool      `json:"breached"`
	Tier        *Tier     `json:"tier,omitempty"`
	LateBefore  int64     `json:"late_before,omitempty"` // in earlier months
	Late        int64     `json:"late_minutes"`
	Units       string    `json:"units,omitempty"`
	UnitMinutes int64     `json:"unit_minutes,omitempty"`
	Counting    Counting  `json:"counting,omitempty"`
	Raw         string    `json:"raw"`
	EventCap    *CapUse   `json:"event_cap,omitempty"`
	Amount      string    `json:"amount"`
	Chosen      bool      `json:"chosen"`
	Note        string    `json:"note,omitempty"` // why it does not count
	ClaimBy     string    `json:"claim_by,omitempty"`
	ClaimLate   bool      `json:"claim_late,omitempty"`
}

// CapUse is a limit as it was met.
type CapUse struct {
	Limit  string `json:"limit"`
	Used   string `json:"used"`
	Left   string `json:"left"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// Step is one step from the lines to the proposal.
type Step struct {
	What   string  `json:"what"`
	Amount string  `json:"amount"`
	Cap    *CapUse `json:"cap,omitempty"`
}

// YearUse is the contract year and what of its limit other months and services took.
type YearUse struct {
	From  string `json:"from"`
	Until string `json:"until"`
	Fees  string `json:"fees"`
	Given string `json:"given"`
}

// Claim is the window in which the credit can be claimed. By is the next last day, or the one that was missed.
type Claim struct {
	Days  int        `json:"days,omitempty"`
	From  ClaimStart `json:"from,omitempty"`
	By    string     `json:"by,omitempty"`
	State ClaimState `json:"state"`
}

// Canonical is the sheet as JSON with members in the order of their names and no space between: the same sheet is the same
// bytes, whichever store it came through. It holds no fractions of numbers; amounts are strings.
func (s Sheet) Canonical() ([]byte, error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write sheet: %w", err)
	}
	return Canonical(raw)
}

// Canonical puts any JSON of a sheet into its canonical form, such as what a database gives back.
func Canonical(raw []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("read sheet: %w", err)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out) // members of a map are written in the order of their names
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write sheet: %w", err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// Hash is the SHA-256 over the canonical form, in hexadecimal.
func Hash(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
