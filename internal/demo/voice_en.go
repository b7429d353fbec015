package demo

func english() voice {
	return voice{
		greeting: []string{"Dear billing team,", "Hello,", "Hi there,"},
		closing:  "Kind regards,\n{me}\n{company}",
		claims:   englishClaims(),
		more: []string{
			"Thanks for the quick reply. The order confirmation says the same as our own records, I have copied the relevant part below. We have not agreed to anything else since.",
			"Sure: the account is {account} and it is about the line \"{line}\" only. The rest of the invoice is fine and will be paid on time.",
			"I checked with our operations people. They confirm what I wrote, and they have the ticket from that week if you need it.",
		},
		chase:  []string{"Any news on this? Our month end is on Friday and I have to tell my manager something about {invoice}.", "Just following up on my message below. Could you let me know where this stands?"},
		thanks: []string{"Thank you, that settles it for us.", "Great, received. You can close this from our side."},
		hello:  "Hello {name},",
		looking: []string{
			"thank you for your message about {invoice}. I have put the disputed part on hold, so no reminder will go out for it, and I am checking the line against your contract. You will hear from me by tomorrow.",
			"thanks for pointing this out. I can see the position \"{line}\" on {invoice} and am comparing it with what was ordered. The disputed part is on hold until we have an answer for you.",
		},
		ask: []string{
			"to check this properly I need one more thing from you: could you send me the order confirmation or the quote the price was based on? The disputed part of {invoice} is on hold in the meantime.",
			"could you tell me which of the positions on {invoice} you mean exactly, and since when it has been wrong from your point of view? Then I can take it up with the team in charge.",
		},
		upstream: []string{"I have passed this on to our colleagues in charge, as the answer lies in their records. I expect their reply within two working days and will come back to you then."},
		posted: []string{
			"you were right about \"{line}\" on {invoice}. The correction is booked; the credit memo with the exact figures has gone out to you in a separate mail. We have also corrected the source so that your next invoice is right.",
			"the correction of {invoice} is done and the credit memo is on its way to you. I am sorry for the trouble this has caused.",
		},
		refused: []string{
			"I have gone through \"{line}\" on {invoice} with the team in charge. What was charged matches the contract and the records for {period}, so the invoice stands as it is. I am happy to walk you through the details on a call.",
			"we have checked {invoice} again. The position is in line with the terms you accepted at the last renewal, which is why we cannot change the invoice. The hold on it has been lifted.",
		},
		answered: map[string]string{
			"":                "thank you for your question. You will find the answer on page two of {invoice}: the service period runs from the first to the last day of the month, and charges for usage are billed one month later.",
			"invoice_missing": "I have just had {invoice} sent to you again. Please check the junk folder if it has not arrived within the hour, and let me know if we should use another address.",
			"remittance":      "thank you for the advice. The payment has been found and applied to {invoice}.",
			"cancellation":    "we have noted your cancellation for the end of the notice period. You will get a confirmation from your account team; the last invoice will be the one for that month.",
			"refund":          "your request is noted. As {invoice} has been settled, any balance stays on your account {account} until you tell us where to send it.",
			"withdrawn":       "thank you for letting us know. I have lifted the hold on {invoice} and closed the case.",
			"goodwill":        "thank you for your patience with us. I have talked to my supervisor about {invoice}; we will keep an eye on your service and your account manager will call you this week.",
		},
	}
}

func englishClaims() map[string]claim {
	return map[string]claim{
		"overcharge": {"Wrong price on {invoice}", []string{
			"we have been overcharged on {invoice}. The line \"{line}\" is billed at a price that is not the one in our order form. By our calculation {amount} too much was charged. Please check and correct it.",
			"on {invoice} the price of \"{line}\" is too high. We agreed on the old price until the end of the year; the difference comes to {amount}.",
		}},
		"duplicate_charge": {"Charged twice: {invoice}", []string{
			"\"{line}\" was charged twice for {period}: once on the invoice before and again on {invoice}. Please take the duplicate charge of {amount} off.",
			"it looks like our order {order} was invoiced twice. The line \"{line}\" on {invoice} is a duplicate, {amount} in total.",
		}},
		"charged_after_cancellation": {"{invoice}: service was cancelled", []string{
			"we cancelled \"{line}\" at the end of last quarter and have your confirmation. Even so it was charged again on {invoice} after the cancellation. We ask you to credit {amount}.",
			"{invoice} still lists \"{line}\", although this service was terminated in writing two months ago. We will not pay the {amount} for it.",
		}},
		"not_delivered": {"Not delivered yet, but on {invoice}", []string{
			"{invoice} contains \"{line}\" for {period}. The service has not been installed yet; the technician's visit was moved twice. We dispute {amount} until it works.",
			"we were billed {amount} for \"{line}\", which was never activated for us. Please see the attached ticket and correct {invoice}.",
		}},
		"usage_wrong": {"Usage on {invoice} does not match", []string{
			"the usage shown for \"{line}\" on {invoice} is wrong. Our own monitoring shows far less for {period}. We dispute {amount}.",
			"the quantity billed for \"{line}\" cannot be right: it is more than we have ever used. {amount} of {invoice} is in question.",
		}},
		"contract_terms": {"{invoice} does not follow our agreement", []string{
			"the agreed rate in our frame contract is not what you used on {invoice}. For \"{line}\" the difference is {amount}.",
			"according to our contract \"{line}\" is included up to the committed volume. It should not be billed at {amount} instead, as on {invoice}.",
		}},
		"discount_missing": {"Discount missing on {invoice}", []string{
			"the discount we were promised for this year is missing on {invoice}. On \"{line}\" that makes {amount}.",
			"please apply our promotion to {invoice}: the coupon was accepted at order time, but \"{line}\" is billed without it. We are short of {amount}.",
		}},
		"sla_credit": {"SLA credit for {period}", []string{
			"the outage in {period} took \"{line}\" below the availability you guarantee. We claim the service credit under our contract, {amount} by our calculation, for {invoice}.",
			"following the SLA breach last month we are owed a service credit on {invoice}. Please confirm {amount}.",
		}},
		"tax_wrong": {"VAT on {invoice}", []string{
			"the tax on {invoice} is wrong: \"{line}\" should be reverse charge as we gave you our VAT id in spring. Please correct {amount}.",
			"we are tax exempt for this service and sent you the certificate. {invoice} shows tax all the same; {amount} is affected.",
		}},
		"wrong_currency": {"Currency of {invoice}", []string{"{invoice} is in the wrong currency. Our contract is in US dollars; please correct \"{line}\" ({amount}) instead of leaving us with the exchange loss."}},
		"wrong_bill_to": {"{invoice}: purchase order missing", []string{
			"our purchase order {order} is missing on {invoice}, so our system rejects it. Could you correct it? It is about {amount} for \"{line}\".",
			"the cost centre for \"{line}\" on {invoice} is wrong. It should be charged to our branch office; {amount} is affected.",
		}},
		"payment_not_applied": {"Payment not applied to {invoice}", []string{
			"we paid {invoice} two weeks ago, but your statement still shows it as open. It seems our payment was not applied. The amount was {amount}.",
			"your reminder about {invoice} surprised us: it was already paid. {amount} left our account, please see the reference {order}.",
		}},
		"refund_not_received": {"Where is our refund?", []string{"we were told that {amount} would be refunded for \"{line}\" on {invoice}. The refund has not been received yet."}},
		"invoice_missing":     {"Invoice for {period} not received", []string{"we have not received the invoice for {period} yet, number {invoice} according to the portal. Could you send us a copy?", "could you send {invoice} again, please? It never arrived, and we need it as PDF."}},
		"unknown_charge": {"Unknown charge on {invoice}", []string{
			"there is an unknown charge on {invoice}: \"{line}\", {amount}. Nobody here ordered it. Please explain or remove it.",
			"we do not recognise \"{line}\" on {invoice}. What is it? Until then we dispute {amount}.",
		}},
		"remittance":   {"Remittance advice {invoice}", []string{"please find our remittance advice: we have paid {invoice} today under the reference {order}."}},
		"cancellation": {"Cancellation of a service", []string{"we would like to cancel \"{line}\" at the next possible date. Please confirm the end of the contract in writing. Our account is {account}."}},
		"refund":       {"Refund of our credit balance", []string{"there is a credit balance on our account {account} after {invoice}. Please refund it to the bank account you have on file."}},
		"goodwill":     {"After last week's trouble", []string{"\"{line}\" was unstable for days, as your own status page said. We know that the contract gives us nothing for it, but as a courtesy we would expect something on {invoice}."}},
		"general":      {"Question about {invoice}", []string{"could you explain how the service period on {invoice} is counted? We would like to understand the line \"{line}\" before we approve it.", "who is our contact for questions about payment by instalments? It is about {invoice}."}},
	}
}
