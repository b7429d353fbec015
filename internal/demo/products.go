package demo

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
)

// product is something the company sells by the month. Cents is the lowest price of a unit, most the largest quantity for
// a small customer; a metered one comes in parts of a unit.
type product struct {
	sku, name, german string
	unit              string
	cents, most       int
	metered           bool
	reduced           bool // printed matter: the reduced rate in Germany
}

func products() []product {
	return []product{
		{"K8S-STD", "Managed Kubernetes, standard node", "Managed Kubernetes, Standard-Knoten", "node", 14_900, 6, false, false},
		{"K8S-MEM", "Managed Kubernetes, memory node", "Managed Kubernetes, Speicher-Knoten", "node", 32_500, 4, false, false},
		{"VM-C4", "Compute instance c4.large", "Rechenknoten c4.large", "instance", 5_890, 12, false, false},
		{"VM-G2", "GPU instance g2.xlarge", "GPU-Knoten g2.xlarge", "hour", 189, 420, true, false},
		{"OBJ-STD", "Object storage, standard", "Objektspeicher, Standard", "GB", 2, 18_000, true, false},
		{"OBJ-ARC", "Object storage, archive", "Objektspeicher, Archiv", "GB", 1, 60_000, true, false},
		{"BLK-SSD", "Block storage SSD", "Blockspeicher SSD", "GB", 9, 4_000, false, false},
		{"EGR", "Egress traffic", "Ausgehender Datenverkehr", "GB", 6, 9_000, true, false},
		{"XCON", "Cross-connect 10 Gbit/s", "Cross-Connect 10 Gbit/s", "port", 29_000, 2, false, false},
		{"COLO-R", "Colocation, full rack", "Colocation, volles Rack", "rack", 118_000, 1, false, false},
		{"COLO-P", "Colocation power", "Colocation, Strom", "kWh", 31, 1_600, true, false},
		{"DB-PG", "Managed PostgreSQL, 4 vCPU", "Managed PostgreSQL, 4 vCPU", "instance", 21_900, 3, false, false},
		{"DB-BKP", "Database backup retention", "Aufbewahrung von Datenbanksicherungen", "GB", 4, 3_000, true, false},
		{"LB-L7", "Load balancer", "Lastverteiler", "instance", 3_900, 3, false, false},
		{"CDN", "Content delivery", "Content Delivery", "GB", 4, 12_000, true, false},
		{"DNS", "Managed DNS zones", "Managed DNS, Zonen", "zone", 150, 40, false, false},
		{"WAF", "Web application firewall", "Web Application Firewall", "policy", 8_900, 2, false, false},
		{"SUP-PREM", "Premium support", "Premium-Support", "month", 49_000, 1, false, false},
		{"SUP-TAM", "Technical account management", "Technisches Account Management", "hour", 16_500, 8, false, false},
		{"LIC-WIN", "Operating system licences", "Betriebssystemlizenzen", "seat", 1_850, 30, false, false},
		{"LOG", "Log ingestion", "Log-Aufnahme", "GB", 42, 900, true, false},
		{"IP4", "Additional IPv4 addresses", "Zusätzliche IPv4-Adressen", "address", 320, 24, false, false},
		{"VPN", "Site-to-site VPN", "Site-to-Site-VPN", "tunnel", 4_500, 3, false, false},
		{"HBK", "Operations handbook, printed", "Betriebshandbuch, gedruckt", "copy", 3_900, 6, false, true},
	}
}

// line makes a line of an invoice for a month of service, at the size a tier buys.
func (f *filler) line(p product, c *customer, month time.Time) billing.NewLine {
	scale := map[billing.Tier]int{billing.Platinum: 14, billing.Gold: 4, billing.Silver: 1}[c.Tier]
	most := max(1, p.most*scale)
	quantity := decimal.NewFromInt(int64(1 + most/3 + f.rng.IntN(max(1, most*2/3))))
	if p.metered {
		quantity = quantity.Add(decimal.New(int64(f.rng.IntN(1000)), -3))
	}
	price := decimal.New(int64(p.cents*(100+f.rng.IntN(12))), -4)
	if c.code == codeSG {
		price = price.Mul(decimal.New(145, -2))
	}
	category, rate := f.tax(p, c)
	name := p.name
	if c.Language == "de" {
		name = p.german
	}
	return billing.NewLine{
		Product: p.sku, Description: fmt.Sprintf("%s, %s", name, month.Format("01/2006")), Quantity: quantity, UnitPrice: price.Round(6),
		TaxCategory: category, TaxRate: rate, CostCentre: costCentre(c, p),
	}
}

// tax is the category and the rate of a sale: at home taxed, within the EU owed by the buyer, elsewhere none.
func (f *filler) tax(p product, c *customer) (category string, rate decimal.Decimal) {
	switch {
	case c.code == codeSG && c.Country == "SG":
		return "S", decimal.NewFromInt(9)
	case c.code == codeSG:
		return "Z", decimal.Zero
	case c.Country == "DE" && p.reduced:
		return "S", decimal.NewFromInt(7)
	case c.Country == "DE":
		return "S", decimal.NewFromInt(19)
	case c.Country == "GB" || c.Country == "US":
		return "G", decimal.Zero
	}
	return "AE", decimal.Zero
}

func costCentre(c *customer, p product) string {
	if c.Tier == billing.Silver {
		return ""
	}
	return fmt.Sprintf("CC-%d%s", 100+int(c.ID)%7*50, p.sku[:1])
}
