package demo

import "makegood/internal/access"

const (
	teamEMEA = "EMEA billing"
	teamAPAC = "APAC billing"
)

// People are the desk, agents first.
func People() []Person {
	emea, apac := []string{codeDE}, []string{codeSG}
	berlin := func(email, name string, role access.Role, team string, entities []string) Person {
		return Person{Email: email, Name: name, Role: role, Team: team, EntityCodes: entities, TimeZone: zoneDE, Language: "en"}
	}
	singapore := func(email, name string, role access.Role, team string, entities []string) Person {
		return Person{Email: email, Name: name, Role: role, Team: team, EntityCodes: entities, TimeZone: zoneSG, Language: "en"}
	}
	return []Person{
		berlin("mara.lindqvist@nordwall.example", "Mara Lindqvist", access.Agent, teamEMEA, emea),
		berlin("tobias.reuter@nordwall.example", "Tobias Reuter", access.Agent, teamEMEA, emea),
		berlin("leonor.pinto@nordwall.example", "Leonor Pinto", access.Agent, teamEMEA, emea),
		berlin("sami.haddad@nordwall.example", "Sami Haddad", access.Agent, teamEMEA, emea),
		berlin("jana.novotna@nordwall.example", "Jana Novotná", access.Agent, teamEMEA, emea),
		singapore("wei.ling.tan@nordwall.example", "Tan Wei Ling", access.Agent, teamAPAC, apac),
		singapore("arjun.nair@nordwall.example", "Arjun Nair", access.Agent, teamAPAC, apac),
		singapore("haruka.mori@nordwall.example", "Haruka Mori", access.Agent, teamAPAC, apac),
		berlin("jonas.brandt@nordwall.example", "Jonas Brandt", access.Senior, teamEMEA, nil),
		berlin("ines.duarte@nordwall.example", "Inês Duarte", access.Senior, teamEMEA, nil),
		singapore("grace.lim@nordwall.example", "Grace Lim", access.Senior, teamAPAC, nil),
		berlin("katrin.vogel@nordwall.example", "Katrin Vogel", access.Supervisor, teamEMEA, nil),
		singapore("priya.raman@nordwall.example", "Priya Raman", access.Supervisor, teamAPAC, nil),
		berlin("daniel.okafor@nordwall.example", "Daniel Okafor", access.Controller, "", nil),
		singapore("mei.chen@nordwall.example", "Chen Mei", access.Controller, "", nil),
		berlin("helene.marchetti@nordwall.example", "Helene Marchetti", access.Director, "", nil),
		berlin("yusuf.demir@nordwall.example", "Yusuf Demir", access.Director, "", nil), // CFO
		berlin("olga.petrenko@nordwall.example", "Olga Petrenko", access.Collections, "", nil),
		berlin("ulrike.sander@nordwall.example", "Ulrike Sander", access.Auditor, "", nil),
		berlin("noah.fischer@nordwall.example", "Noah Fischer", access.Admin, "", nil),
	}
}

// cfo signs with the director what is over every limit.
const cfo = "yusuf.demir@nordwall.example"

// leads lead their teams.
func leads() map[string]string {
	return map[string]string{teamEMEA: "katrin.vogel@nordwall.example", teamAPAC: "priya.raman@nordwall.example"}
}
