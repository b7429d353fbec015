package ubl

import (
	"time"

	"makegood/billing/document"
)

// Details are what an electronic document says beyond the printed one. Everything but the two countries may be left out;
// what can be worked out from the printed document then is, and Check names what cannot.
type Details struct {
	Profile        Profile // Peppol when empty
	Seller, Buyer  PartyDetails
	BuyerReference string // BT-10; the customer's account number when empty
	AccountingCost string
	Order          string // BT-13; the document's own when empty
	Contract       string
	TaxPoint       time.Time // BT-7
	Delivery       Delivery  // an intra-community supply goes to the buyer's country when none is given
	Payment        Payment   // means and terms; worked out when empty
	Exemptions     map[string]Exemption
	Units          map[string]string // UN/ECE codes of the units the lines use, where the usual words do not tell
	Booked         []Booked
}

// Exemption says for a tax category why it is not taxed: text, VATEX code or both.
type Exemption struct{ Reason, Code string }

// PartyDetails complete what a printed document says of a party. Country (ISO 3166-1 alpha-2) is required: nothing printed
// tells the buyer's.
type PartyDetails struct {
	Country   string
	Address   *Address // read from the printed lines when nil
	Trading   string
	Endpoint  Identifier // derived from the tax number where its scheme is known
	ID        Identifier
	LegalID   Identifier
	LegalForm string
	VATID     string    // found among the printed numbers when empty
	TaxNumber TaxNumber // likewise
	Contact   Contact
}

// party joins printed and further particulars.
func (p PartyDetails) party(name string, lines []string, numbers []document.TaxID) Party {
	out := Party{
		Name: name, Trading: p.Trading, Endpoint: p.Endpoint, ID: p.ID, LegalID: p.LegalID, LegalForm: p.LegalForm,
		VATID: p.VATID, TaxNumber: p.TaxNumber, Contact: p.Contact,
	}
	if p.Address != nil {
		out.Address = *p.Address
	} else {
		out.Address = ReadAddress(lines, p.Country)
	}
	out.Address.Country = p.Country
	for _, number := range numbers {
		switch bare := bareNumber(number.Number); {
		case bare == "":
		case vatIDOf(bare, p.Country):
			out.VATID = orElse(out.VATID, bare)
		case out.TaxNumber.Value == "":
			out.TaxNumber = TaxNumber{taxScheme(p.Country), number.Number}
		}
	}
	if out.Endpoint.Value == "" {
		out.Endpoint = endpointOf(out, p.Country)
	}
	return out
}

// buyer moves a tax number without a country prefix to the place EN 16931 has for it on the buyer's side: a plain
// identifier (BT-46).
func (p Party) buyer() Party {
	if p.ID.Value == "" && p.VATID == "" && p.LegalID.Value == "" {
		p.ID.Value = p.TaxNumber.Value
	}
	p.TaxNumber = TaxNumber{}
	return p
}

// seller makes sure that the seller can be told by a number (BR-CO-26).
func (p Party) seller() Party {
	if p.ID.Value == "" && p.VATID == "" && p.LegalID.Value == "" {
		p.ID.Value = p.TaxNumber.Value
	}
	return p
}

// untaxed takes the VAT numbers away, which a document outside the scope of VAT must not carry (BR-O-02), and keeps them
// as plain identifiers.
func (p Party) untaxed() Party {
	p.ID.Value = orElse(p.ID.Value, p.VATID)
	p.VATID = ""
	return p
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}
