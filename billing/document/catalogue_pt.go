package document

// portuguese uses the mention of art. 36 no. 13 CIVA for reverse charge, and nota de débito and nota de crédito as
// art. 29 no. 7 CIVA has them.
func portuguese() catalogue {
	return catalogue{
		continued: "{title} {number}, continuação", page: "Página {page} de {pages}",
		date: "Data", original: "Fatura original", originalDate: "Data da fatura", originalStamp: "Chave de acesso", supply: "Período do serviço", account: "Cliente n.º",
		customerTaxID: "O seu n.º de IVA", caseNumber: "Processo", due: "Vencimento", order: "A sua encomenda",
		ref: "{number} de {date}", comma: ", ", and: " e ", reason: "Motivo", sentenceGap: " ",
		creditMemo: billWords{
			title: "Nota de crédito", number: "Nota de crédito n.º", total: "Total creditado", settlement: "Como este crédito é aplicado",
			introOne: "Esta nota de crédito retifica a fatura {list}.", introMany: "Esta nota de crédito retifica as faturas {list}.",
		},
		accountCredit: billWords{
			title: "Nota de crédito", number: "Nota de crédito n.º", total: "Total creditado", settlement: "Como este crédito é aplicado",
			intro: "Esta nota credita a sua conta. Não retifica uma fatura em particular.",
		},
		debitMemo: billWords{
			title: "Nota de débito", number: "Nota de débito n.º", total: "Total debitado",
			intro:    "Esta nota debita na sua conta os valores abaixo indicados.",
			introOne: "Esta nota de débito acresce à fatura {list}.", introMany: "Esta nota de débito acresce às faturas {list}.",
		},
		invoice: billWords{
			title: "Fatura", number: "Fatura n.º", total: "Total da fatura",
			introOne: "Esta fatura substitui a fatura {list}.", introMany: "Esta fatura substitui as faturas {list}.",
		},
		reversal: billWords{
			title: "Anulação de nota de crédito", number: "Anulação n.º", total: "Total novamente devido", settlement: "O que muda",
			introOne: "Este documento anula a nota de crédito {list}. O valor por ela creditado volta a ser devido.",
		},
		kinds: map[Kind]string{
			InvoiceKind: "Fatura", DebitMemoKind: "Nota de débito", CreditMemoKind: "Nota de crédito", PaymentKind: "Pagamento", RefundKind: "Reembolso",
			WriteOffKind: "Abate de dívida", TransferKind: "Transferência de saldo", ChargebackKind: "Estorno pelo banco", ReversalKind: "Anulação",
		},
		lines: lineWords{
			description: "Descrição", quantity: "Quantidade", unitPrice: "Preço unitário", discount: "Desconto", rate: "{tax}",
			net: "Líquido ({currency})", amount: "Valor ({currency})", grossAmount: "Com {tax} ({currency})",
			linesTotal: "Total das linhas", discountShare: "Parte do desconto global", charge: "Encargo sobre o documento", afterDiscount: "Após desconto",
			taxSummary: "Resumo do imposto ({currency})", taxable: "Líquido", tax: "Imposto", gross: "Total", roundingBack: "Arredondamento, como na fatura", rounding: "Arredondamento",
			homeTax: "{tax} em {currency}: {amount} (câmbio {rate}, {source}, {date})", homeTotal: "Total em {currency}: {amount}", inclusive: "Os preços das linhas incluem {tax}.",
			replaced:     "A fatura substituída foi anulada pela nota de crédito {list}.",
			withheldBack: "Deste crédito, {amount} correspondem ao imposto a reter na fonte indicado na fatura, que deixa de ser retido.",
		},
		paying: payWords{
			heading: "Como pagar", by: "Queira pagar {amount} até {date}.", amountDue: "Valor a pagar", nothing: "Nada resta a pagar.",
			withholding: "Do valor a pagar, {amount} é imposto que retém na fonte e entrega à administração fiscal.", reference: "Referência do pagamento: {reference}",
			online: "Ou pague {amount} online:",
		},
		refund:    portugueseRefund(),
		statement: portugueseStatement(),
		taxName:   "IVA",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "{tax} taxa zero", Exempt: "Isento", ReverseCharge: "Autoliquidação",
			IntraCommunity: "Transmissão intracomunitária", Export: "Exportação", OutOfScope: "Não sujeito",
		},
		reverseChargeNote: "IVA – autoliquidação.",
		buckets: map[Bucket]string{
			ReducesInvoice: "Reduz a fatura {ref}", CustomerBalance: "Saldo na sua conta, a deduzir em próximas faturas",
			Refunded: "Reembolso {ref}", SettledOutside: "Regularizado fora desta conta {ref}",
		},
		undone: map[Bucket]string{
			ReducesInvoice: "Novamente em dívida na fatura {ref}", CustomerBalance: "Deduzido do saldo da sua conta",
			Refunded: "Reembolso a devolver {ref}", SettledOutside: "A regularizar fora desta conta {ref}",
		},
		openAfter: "Ainda em aberto: {amount}", openAgain: "Fica em aberto: {amount}", taxID: "N.º de IVA",
		dateFormat: "02/01/2006", shortDate: "02/01/2006", decimalPoint: ",", grouping: ".", percent: "{n}%", currencyAfter: true,
	}
}

func portugueseRefund() refundWords {
	return refundWords{
		title: "Aviso de reembolso", number: "Reembolso n.º", intro: "Vamos reembolsar-lhe {amount}.",
		sources: "O que é reembolsado", document: "Documento", amount: "Valor ({currency})", total: "Reembolso",
		how: "Como pagamos", method: "Meio de pagamento", destination: "Para", day: "Data do pagamento", reference: "Referência",
		balance: "Saldo que fica na sua conta",
		noTax:   "Este aviso anuncia um pagamento. Não é fatura nem nota de crédito e não altera o imposto.",
		methods: map[string]string{
			BankTransfer: "Transferência bancária", CardRefund: "Devolução no seu cartão", DirectCredit: "Devolução por débito direto", Check: "Cheque",
		},
	}
}

func portugueseStatement() statementWords {
	return statementWords{
		title: "Extrato de conta", day: "Data", period: "Período",
		intro:    "Este extrato mostra o que foi lançado na sua conta no período e o que estava em aberto em {date}.",
		knownOn:  "Reflete o que estava registado no final do dia {date}.",
		currency: "Moeda", opening: "Saldo inicial", debits: "Débitos", credits: "Créditos", closing: "Saldo final",
		inFavour: "Um saldo com sinal menos é a seu favor.",
		open:     "Em aberto em {date}", disputed: "Em reclamação, a não pagar até haver decisão", notYetDue: "Ainda não vencido", payNow: "A pagar agora",
		deducted:   "Menos créditos por aplicar",
		nothingDue: "De momento nada está vencido", unused: "Créditos por aplicar, não deduzidos acima",
		movements: "Movimentos em {currency}", document: "Documento", date: "Data", due: "Vencimento", debit: "Débito", credit: "Crédito", balance: "Saldo",
		concerns: "sobre {number}", carried: "A transportar", brought: "Transporte", none: "Nada foi lançado neste período.",
		openItems: "Documentos em aberto em {currency}", issued: "Data", overdue: "Dias de\natraso", openAmount: "Em aberto", disputedAmount: "Em reclamação",
		undisputed: "Sem reclamação", total: "Total",
		creditsHead: "Créditos por aplicar em {currency}", creditsNote: "Indique-nos a que faturas os devemos aplicar. Não estão deduzidos dos documentos em aberto.",
		original: "Valor", available: "Disponível",
		aging: "Documentos em aberto em {currency} por dias de atraso, sem o que está em reclamação", ages: [ageGroups]string{"Não vencido", "1–30", "31–60", "61–90", "91–120", "Mais de 120"},
		agingDisputed: "Em reclamação", agingTotal: "Em aberto",
	}
}
