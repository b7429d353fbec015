package demo

func portuguese() voice {
	return voice{
		greeting: []string{"Exmos. Senhores,", "Bom dia,", "Olá,"},
		closing:  "Com os melhores cumprimentos,\n{me}\n{company}",
		claims:   portugueseClaims(),
		more: []string{
			"obrigado pela resposta rápida. A confirmação da encomenda diz o mesmo que os nossos registos, e desde então nada mais foi combinado.",
			"a conta é {account} e trata-se apenas da linha \"{line}\". O resto da fatura está certo e será pago a tempo.",
		},
		chase:    []string{"há novidades sobre este assunto? Fechamos o mês na sexta-feira e a {invoice} continua por esclarecer."},
		thanks:   []string{"obrigado, para nós está resolvido.", "recebido, podem fechar o assunto."},
		hello:    "Bom dia {name},",
		looking:  []string{"obrigado pela sua mensagem sobre a {invoice}. A parte contestada fica suspensa, sem avisos de pagamento, enquanto comparo a linha com o seu contrato. Dou-lhe notícias até amanhã."},
		ask:      []string{"para verificar preciso de mais um elemento: pode enviar-me a confirmação da encomenda ou a proposta em que o preço se baseou? A parte contestada da {invoice} fica suspensa.", "pode dizer-me exatamente a que linha da {invoice} se refere, e desde quando está errada do seu ponto de vista?"},
		upstream: []string{"passei a questão aos colegas responsáveis, pois a resposta está nos registos deles. Espero uma resposta em dois dias úteis e volto a escrever-lhe."},
		posted:   []string{"tinha razão quanto a \"{line}\" na {invoice}. A correção está lançada; o documento com os valores exatos seguiu noutra mensagem. A origem do erro também foi corrigida."},
		refused:  []string{"verifiquei \"{line}\" na {invoice} com a equipa responsável. O que foi faturado corresponde ao contrato e aos registos de {period}, pelo que a fatura se mantém. Explico-lhe os pormenores por telefone com todo o gosto."},
		answered: map[string]string{
			"":                "obrigado pela sua pergunta. A resposta está na segunda página da {invoice}: o período vai do primeiro ao último dia do mês, e o consumo é faturado um mês depois.",
			"invoice_missing": "a {invoice} acaba de ser enviada de novo. Veja por favor também a pasta de spam.",
			"remittance":      "obrigado pelo aviso. O pagamento foi encontrado e aplicado à {invoice}.",
			"cancellation":    "registámos o cancelamento para o fim do prazo de pré-aviso. O seu gestor de conta enviará a confirmação.",
			"refund":          "o seu pedido está registado. O saldo fica na conta {account} até nos dizer para onde o enviar.",
			"withdrawn":       "obrigado por nos avisar. A suspensão da {invoice} foi levantada e o caso está encerrado.",
			"goodwill":        "obrigado pela paciência. Falei com a minha responsável sobre a {invoice}; o seu gestor de conta telefona-lhe esta semana.",
		},
	}
}

func portugueseClaims() map[string]claim {
	return map[string]claim{
		"overcharge":                 {"Preço errado na {invoice}", []string{"na {invoice} a linha \"{line}\" foi cobrada a mais: o valor errado não é o da nossa encomenda. São {amount} em excesso. Pedimos a correção.", "o preço errado de \"{line}\" na {invoice} custa-nos {amount}. Podem verificar?"}},
		"duplicate_charge":           {"Cobrança em duplicado: {invoice}", []string{"\"{line}\" foi cobrada duas vezes em {period}: na fatura anterior e agora na {invoice}. O duplicado é de {amount}."}},
		"charged_after_cancellation": {"{invoice}: serviço cancelado", []string{"cancelamos \"{line}\" no fim do trimestre passado e temos a vossa confirmação. Após o cancelamento voltou a aparecer na {invoice}, com {amount}."}},
		"not_delivered":              {"Ainda não instalado, mas na {invoice}", []string{"a {invoice} inclui \"{line}\", que ainda não foi instalado. Contestamos {amount} até funcionar."}},
		"usage_wrong":                {"Consumo da {invoice} não confere", []string{"o consumo de \"{line}\" na {invoice} está errado. A nossa medição mostra muito menos em {period}. Contestamos {amount}."}},
		"contract_terms":             {"{invoice} diferente do contrato", []string{"a tarifa do contrato não é a da {invoice}, é diferente. Em \"{line}\" a diferença é de {amount}."}},
		"discount_missing":           {"Falta o desconto na {invoice}", []string{"o desconto prometido para este ano falta na {invoice}. Em \"{line}\" são {amount}."}},
		"sla_credit":                 {"Crédito SLA de {period}", []string{"a falha de {period} deixou \"{line}\" abaixo da disponibilidade garantida. Pedimos o crédito SLA do contrato, {amount} pelas nossas contas, na {invoice}."}},
		"tax_wrong":                  {"IVA na {invoice}", []string{"o IVA da {invoice} está errado: \"{line}\" deve ser isento por autoliquidação. Corrijam por favor {amount}."}},
		"wrong_currency":             {"Moeda da {invoice}", []string{"a {invoice} está na moeda errada. O nosso contrato é em dólares; pedimos a correção de \"{line}\" ({amount})."}},
		"wrong_bill_to":              {"{invoice}: dados de faturação", []string{"na {invoice} falta o nosso número de encomenda {order}, e o endereço de faturamento está errado. É \"{line}\", {amount}."}},
		"payment_not_applied":        {"Pagamento da {invoice} não registado", []string{"pagámos a {invoice} há duas semanas, mas o pagamento não foi registado. Foram {amount}."}},
		"refund_not_received":        {"Reembolso não recebido", []string{"disseram-nos que {amount} de \"{line}\" na {invoice} seriam reembolsados. O reembolso ainda não chegou."}},
		"invoice_missing":            {"Fatura de {period} não recebida", []string{"ainda não recebemos a fatura de {period}, número {invoice} segundo o portal. Podem enviar uma cópia?"}},
		"unknown_charge":             {"Cobrança desconhecida na {invoice}", []string{"na {invoice} há uma cobrança desconhecida: \"{line}\", {amount}. Ninguém aqui a encomendou."}},
		"remittance":                 {"Aviso de pagamento {invoice}", []string{"segue o nosso aviso de pagamento: pagámos hoje a {invoice} com a referência {order}."}},
		"cancellation":               {"Cancelamento de um serviço", []string{"queremos cancelar \"{line}\" na próxima data possível. Confirmem por favor o fim do contrato por escrito. A conta é {account}."}},
		"refund":                     {"Reembolso do nosso saldo", []string{"a nossa conta {account} tem um saldo depois da {invoice}. Pedimos o reembolso para a conta bancária registada."}},
		"goodwill":                   {"Depois dos problemas da semana passada", []string{"\"{line}\" esteve instável durante dias. O contrato nada prevê, mas por cortesia comercial esperávamos algo na {invoice}."}},
		"general":                    {"Pergunta sobre a {invoice}", []string{"como se conta o período de serviço da {invoice}? Queremos perceber a linha \"{line}\" antes de a aprovar."}},
	}
}
