package demo

func german() voice {
	return voice{
		greeting: []string{"Sehr geehrte Damen und Herren,", "Guten Tag,", "Hallo zusammen,"},
		closing:  "Mit freundlichen Grüßen\n{me}\n{company}",
		claims:   germanClaims(),
		more: []string{
			"vielen Dank für die schnelle Antwort. In der Auftragsbestätigung steht dasselbe wie in unseren Unterlagen. Etwas anderes wurde seither nicht vereinbart.",
			"gern: Es geht um das Konto {account} und nur um die Position „{line}“. Der Rest der Rechnung ist in Ordnung und wird pünktlich bezahlt.",
			"ich habe in der Technik nachgefragt. Die Kollegen bestätigen, was ich geschrieben habe, und haben auch das Ticket aus jener Woche.",
		},
		chase:  []string{"gibt es hierzu schon etwas Neues? Am Freitag ist bei uns Monatsabschluss, und {invoice} ist noch ungeklärt.", "ich wollte kurz nachfragen, wie der Stand zu meiner Nachricht unten ist."},
		thanks: []string{"vielen Dank, damit ist die Sache für uns erledigt.", "prima, ist angekommen. Von unserer Seite können Sie den Vorgang schließen."},
		hello:  "Guten Tag {name},",
		looking: []string{
			"danke für Ihre Nachricht zu {invoice}. Den strittigen Teil habe ich zurückgestellt, dafür geht keine Mahnung heraus. Ich prüfe die Position gerade gegen Ihren Vertrag und melde mich bis morgen.",
			"danke für den Hinweis. Ich sehe die Position „{line}“ auf {invoice} und vergleiche sie mit der Bestellung. Bis zur Klärung bleibt der strittige Teil zurückgestellt.",
		},
		ask: []string{
			"für die Prüfung brauche ich noch etwas von Ihnen: Könnten Sie mir die Auftragsbestätigung oder das Angebot schicken, auf dem der Preis beruht? Der strittige Teil von {invoice} ist so lange zurückgestellt.",
			"könnten Sie mir sagen, welche Position auf {invoice} Sie genau meinen und seit wann sie aus Ihrer Sicht nicht stimmt? Dann kläre ich das mit dem zuständigen Team.",
		},
		upstream: []string{"ich habe die Frage an die zuständigen Kollegen gegeben, denn die Antwort liegt in deren Unterlagen. Ich rechne innerhalb von zwei Arbeitstagen mit einer Rückmeldung und schreibe Ihnen dann."},
		posted: []string{
			"Sie hatten recht mit „{line}“ auf {invoice}. Die Korrektur ist gebucht; den Beleg mit den genauen Zahlen haben Sie in einer eigenen Mail bekommen. Auch die Ursache ist behoben, die nächste Rechnung stimmt wieder.",
			"die Korrektur zu {invoice} ist erledigt, der Beleg ist unterwegs zu Ihnen. Bitte entschuldigen Sie die Umstände.",
		},
		refused: []string{
			"ich bin „{line}“ auf {invoice} mit dem zuständigen Team durchgegangen. Die Berechnung stimmt mit dem Vertrag und den Aufzeichnungen für {period} überein, die Rechnung bleibt daher wie sie ist. Gern erkläre ich Ihnen die Einzelheiten am Telefon.",
			"wir haben {invoice} noch einmal geprüft. Die Position entspricht den Bedingungen der letzten Verlängerung, daher können wir die Rechnung nicht ändern. Die Zurückstellung ist aufgehoben.",
		},
		answered: map[string]string{
			"":                "danke für Ihre Frage. Die Antwort steht auf Seite zwei von {invoice}: Der Leistungszeitraum reicht vom ersten bis zum letzten Tag des Monats, der Verbrauch wird einen Monat später abgerechnet.",
			"invoice_missing": "ich habe Ihnen {invoice} soeben noch einmal schicken lassen. Sehen Sie bitte auch im Spam-Ordner nach und sagen Sie mir, falls wir eine andere Adresse verwenden sollen.",
			"remittance":      "danke für das Avis. Die Zahlung ist gefunden und {invoice} zugeordnet.",
			"cancellation":    "wir haben Ihre Kündigung zum Ende der Frist vorgemerkt. Die Bestätigung bekommen Sie von Ihrem Kundenbetreuer; die letzte Rechnung ist die für diesen Monat.",
			"refund":          "Ihr Wunsch ist vorgemerkt. Da {invoice} ausgeglichen ist, bleibt ein Guthaben auf dem Konto {account} stehen, bis Sie uns sagen, wohin es gehen soll.",
			"withdrawn":       "danke für Ihre Rückmeldung. Die Zurückstellung von {invoice} ist aufgehoben, der Vorgang ist damit erledigt.",
			"goodwill":        "danke für Ihre Geduld. Ich habe mit meiner Teamleitung über {invoice} gesprochen; Ihr Kundenbetreuer ruft Sie diese Woche dazu an.",
		},
	}
}

func germanClaims() map[string]claim {
	return map[string]claim{
		"overcharge": {"Falscher Preis auf {invoice}", []string{
			"auf {invoice} wurde uns zu viel berechnet. Die Position „{line}“ steht nicht mit dem Preis aus unserem Bestellformular darauf. Nach unserer Rechnung sind das {amount} zu viel. Bitte prüfen und korrigieren Sie das.",
			"der Preis für „{line}“ auf {invoice} ist zu hoch. Bis Jahresende gilt der alte Preis; der Unterschied beträgt {amount}.",
		}},
		"duplicate_charge": {"Doppelt berechnet: {invoice}", []string{
			"„{line}“ wurde für {period} doppelt berechnet: schon auf der Rechnung davor und jetzt wieder auf {invoice}. Bitte nehmen Sie die {amount} heraus.",
			"unsere Bestellung {order} wurde anscheinend zweimal fakturiert. Die Position „{line}“ auf {invoice} ist doppelt, zusammen {amount}.",
		}},
		"charged_after_cancellation": {"{invoice}: Leistung war gekündigt", []string{
			"„{line}“ haben wir zum Ende des letzten Quartals gekündigt, Ihre Bestätigung liegt uns vor. Trotzdem steht die Leistung nach der Kündigung wieder auf {invoice}. Wir bitten um Korrektur von {amount}.",
			"auf {invoice} steht noch „{line}“, obwohl diese Leistung vor zwei Monaten schriftlich gekündigt wurde. Die {amount} dafür werden wir nicht zahlen.",
		}},
		"not_delivered": {"Noch nicht geliefert, aber auf {invoice}", []string{
			"{invoice} enthält „{line}“ für {period}. Die Leistung ist noch nicht installiert, der Termin wurde zweimal verschoben. Wir beanstanden {amount}, bis sie läuft.",
			"uns wurden {amount} für „{line}“ berechnet, das nie freigeschaltet wurde. Bitte korrigieren Sie {invoice}.",
		}},
		"usage_wrong": {"Verbrauch auf {invoice} stimmt nicht", []string{
			"der Verbrauch für „{line}“ auf {invoice} ist falsch. Unsere eigene Messung zeigt für {period} deutlich weniger. Wir beanstanden {amount}.",
			"die Menge bei „{line}“ kann nicht stimmen, so viel haben wir noch nie genutzt. Strittig sind {amount} aus {invoice}.",
		}},
		"contract_terms": {"{invoice} weicht vom Vertrag ab", []string{
			"der Satz aus unserem Rahmenvertrag ist nicht der auf {invoice}. Bei „{line}“ macht die Abweichung {amount} aus.",
			"laut Vertrag ist „{line}“ bis zum vereinbarten Volumen enthalten. Auf {invoice} stehen statt dessen {amount}.",
		}},
		"discount_missing": {"Rabatt fehlt auf {invoice}", []string{
			"der für dieses Jahr zugesagte Rabatt fehlt auf {invoice}. Bei „{line}“ macht das {amount} aus.",
			"bitte wenden Sie unseren Nachlass auf {invoice} an: „{line}“ wurde ohne Rabatt berechnet. Es fehlen uns {amount}.",
		}},
		"sla_credit": {"SLA-Gutschrift für {period}", []string{
			"durch den Ausfall im {period} lag „{line}“ unter der zugesagten Verfügbarkeit. Wir machen die SLA-Gutschrift aus dem Vertrag geltend, nach unserer Rechnung {amount} zu {invoice}.",
		}},
		"tax_wrong": {"Umsatzsteuer auf {invoice}", []string{
			"die Umsatzsteuer auf {invoice} ist falsch: Für „{line}“ gilt Reverse-Charge, die Bescheinigung haben Sie seit dem Frühjahr. Bitte korrigieren Sie {amount}.",
			"der Steuersatz bei „{line}“ stimmt nicht. Betroffen sind {amount} auf {invoice}.",
		}},
		"wrong_currency": {"Währung von {invoice}", []string{"{invoice} lautet auf die falsche Währung. Unser Vertrag läuft in Franken; bitte berichtigen Sie „{line}“ ({amount})."}},
		"wrong_bill_to": {"{invoice}: Bestellnummer fehlt", []string{
			"auf {invoice} fehlt unsere Bestellnummer {order}, unser System weist die Rechnung deshalb ab. Es geht um {amount} für „{line}“.",
			"die Kostenstelle bei „{line}“ auf {invoice} ist falsch. Betroffen sind {amount}.",
		}},
		"payment_not_applied": {"Zahlung zu {invoice} nicht verbucht", []string{
			"{invoice} haben wir vor zwei Wochen überwiesen, in Ihrem Kontoauszug ist sie noch offen. Offenbar wurde unsere Zahlung nicht zugeordnet. Es waren {amount}.",
			"Ihre Erinnerung zu {invoice} hat uns überrascht, die Rechnung ist bereits bezahlt: {amount} unter der Referenz {order}.",
		}},
		"refund_not_received": {"Wo bleibt unsere Erstattung?", []string{"uns wurden {amount} für „{line}“ auf {invoice} zugesagt. Die Erstattung ist noch nicht eingegangen."}},
		"invoice_missing":     {"Rechnung für {period} fehlt", []string{"wir haben die Rechnung für {period} noch nicht erhalten, laut Portal die Nummer {invoice}. Könnten Sie uns eine Kopie schicken?", "könnten Sie {invoice} bitte noch einmal schicken? Sie ist nie angekommen."}},
		"unknown_charge": {"Unbekannte Position auf {invoice}", []string{
			"auf {invoice} steht eine unbekannte Position: „{line}“, {amount}. Bei uns hat das niemand bestellt. Bitte um Erklärung oder Korrektur.",
			"„{line}“ auf {invoice} haben wir nicht bestellt. Bis zur Klärung widersprechen wir {amount}.",
		}},
		"remittance":   {"Zahlungsavis {invoice}", []string{"anbei unser Zahlungsavis: Wir haben {invoice} heute unter der Referenz {order} überwiesen."}},
		"cancellation": {"Kündigung einer Leistung", []string{"hiermit kündigen wir „{line}“ zum nächstmöglichen Termin. Bitte bestätigen Sie das Vertragsende schriftlich. Unser Konto ist {account}."}},
		"refund":       {"Auszahlung unseres Guthabens", []string{"auf unserem Konto {account} steht nach {invoice} ein Guthaben. Bitte um Rückzahlung auf das bekannte Bankkonto."}},
		"goodwill":     {"Nach den Störungen der letzten Woche", []string{"„{line}“ lief tagelang nicht stabil. Vertraglich steht uns dafür nichts zu, aber aus Kulanz würden wir bei {invoice} ein Entgegenkommen erwarten."}},
		"general":      {"Frage zu {invoice}", []string{"wie ist der Leistungszeitraum auf {invoice} zu verstehen? Wir möchten die Position „{line}“ nachvollziehen, bevor wir sie freigeben.", "wer ist bei Ihnen für Ratenzahlung zuständig? Es geht um {invoice}."}},
	}
}
