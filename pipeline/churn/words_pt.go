package churn

import (
	"maps"
	"strconv"
	"strings"
)

// portuguese is that of Brazil.
func portuguese() *Language {
	return &Language{
		name:    "pt",
		english: "Brazilian Portuguese",
		phrases: portuguesePhrases(),
		units: [spanUnits]unitWords{
			{"um segundo", "segundos", "a cada segundo", false},
			{"um minuto", "minutos", "a cada minuto", false},
			{"uma hora", "horas", "a cada hora", true},
			{"um dia", "dias", "todo dia", false},
			{"uma semana", "semanas", "toda semana", true},
			{"um mês", "meses", "todo mês", false},
			{"um ano", "anos", "todo ano", false},
			{"uma hora e meia", "", "a cada hora e meia", false},
			{"um dia e meio", "", "a cada dia e meio", false},
			{"um ano e meio", "", "a cada ano e meio", false},
		},
		numerals: [2][]string{
			{"dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez"},
			{"duas", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez"},
		},
		about: "cerca de", almost: "quase",
		few: "poucos segundos", everyFew: "a cada poucos segundos",
		everyOf:          func(amount string) string { return "a cada " + amount },
		messagesFeminine: true,
		percent:          func(n int) string { return strconv.Itoa(n) + "%" },
		day: func(n int) string {
			if n == 1 {
				return "em 1º"
			}

			return "em " + strconv.Itoa(n)
		},
		months: [12]string{
			"janeiro", "fevereiro", "março", "abril", "maio", "junho",
			"julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
		},
		ofMonth: " de ", ofYear: " de ",
	}
}

// european is the Portuguese of Portugal, where it says things in another way.
//
//nolint:misspell // it is Portuguese
func european() *Language {
	l := portuguese()
	l.name, l.english = "pt-PT", "European Portuguese"
	maps.Copy(l.phrases, map[string]string{
		"contact.mail":              "abre os nossos e-mails, mas não vem há {silent}",
		"contact.mail.bought":       "abre os nossos e-mails, mas deixou de comprar: nada há {silent}",
		"contact.message":           "lê as nossas mensagens, mas não vem há {silent}",
		"contact.message.bought":    "lê as nossas mensagens, mas deixou de comprar: nada há {silent}",
		"contact.look":              "ainda espreita, mas não passa disso há {silent}",
		"contact.look.bought":       "ainda espreita, mas deixou de comprar: nada há {silent}",
		"negatives.complaint":       "reclamou {trouble}, ainda por resolver",
		"negatives.returned":        "devolveu uma encomenda {trouble}",
		"negatives.quit":            "tinha saído {trouble}",
		"negatives.other":           "teve um problema connosco {trouble}",
		"experience.scored":         "deu-nos {rating} em 10",
		"experience.felt":           "parecia insatisfeito no último contacto",
		"experience.glad":           "parecia satisfeito no último contacto",
		"left":                      "terminou a relação {left}",
		"recency.now.bought":        "acabou de comprar outra vez",
		"headline.possible":         "Pode estar a afastar-se: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.possible.one":     "Pode estar a afastar-se: em cada 100 clientes assim, um não volta no prazo de {horizon}",
		"headline.likely":           "É mais provável que não volte: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.probable":         "Provavelmente foi-se embora: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.sure":             "Quase de certeza que se foi embora: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.lapsed":           "Dado como perdido: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.lapsed.one":       "Dado como perdido: em cada 100 clientes assim, um não volta no prazo de {horizon}",
		"headline.unusual":          "Fora do habitual para este cliente: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.unusual.one":      "Fora do habitual para este cliente: em cada 100 clientes assim, um não volta no prazo de {horizon}",
		"headline.worth":            "Vale a pena contactar: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.worth.one":        "Vale a pena contactar: em cada 100 clientes assim, um não volta no prazo de {horizon}",
		"headline.left":             "Saiu por vontade própria: é certo, a não ser que volte",
		"joined":                    "iniciou sessão e continua com um id conhecido",
		"headline.joined":           "Iniciou sessão: não se foi embora, agora é conhecido por outro id",
		"headline.fine":             "Tudo bem: em cada 100 clientes assim, {count} vêm outra vez no prazo de {horizon}",
		"headline.fine.one":         "Tudo bem: em cada 100 clientes assim, um vem outra vez no prazo de {horizon}",
		"headline.back":             "De volta: em cada 100 clientes assim, {count} vêm outra vez no prazo de {horizon}",
		"headline.back.one":         "De volta: em cada 100 clientes assim, um vem outra vez no prazo de {horizon}",
		"headline.better":           "Melhor, mas ainda não fora de perigo: em cada 100 clientes assim, {count} não voltam no prazo de {horizon}",
		"headline.better.one":       "Melhor, mas ainda não fora de perigo: em cada 100 clientes assim, um não volta no prazo de {horizon}",
		"list.recency":              "ausente há muito",
		"list.contact":              "espreita, mas não volta",
		"back":                      "uma visita agora faria o risco passar para {percent}",
		"back.bought":               "uma compra agora faria o risco passar para {percent}",
		"advice.left":               "pergunte porque saiu; {back}",
		"advice.negatives.returned": "pergunte o que havia de errado na encomenda; {back}",
		"advice.negatives.other":    "descubra o que correu mal; {back}",
		"advice.experience.scored":  "pergunte o que correu mal; {back}",
		"advice.experience.felt":    "pergunte o que correu mal; {back}",
		"advice.pressure":           "envie menos mensagens; {back}",
		"advice.contact.look":       "ainda espreita, uma boa oferta pode bastar; {back}",
	})
	l.units[unitSecond].every, l.units[unitMinute].every, l.units[unitHour].every = "de segundo a segundo", "de minuto a minuto", "de hora a hora"
	l.units[unitDay].every, l.units[unitWeek].every = "todos os dias", "todas as semanas"
	l.units[unitMonth].every, l.units[unitYear].every = "todos os meses", "todos os anos"
	l.units[unitHourHalf].every, l.units[unitDayHalf].every = "de hora e meia em hora e meia", "de dia e meio em dia e meio"
	l.units[unitYearHalf].every = "de ano e meio em ano e meio"
	l.everyOf = func(amount string) string {
		number, unit, _ := strings.Cut(amount, " ")

		return "de " + number + " em " + number + " " + unit
	}
	l.everyFew = "de poucos em poucos segundos"
	l.day = func(n int) string { return "a " + strconv.Itoa(n) }

	return l
}

//nolint:misspell // it is Portuguese
func portuguesePhrases() map[string]string {
	return map[string]string{
		"rhythm":                      "vinha {every}, mais ou menos; não vem há {silent}",
		"rhythm.bought":               "comprava {every}, mais ou menos; não compra há {silent}",
		"recency":                     "última visita há {silent}",
		"recency.bought":              "última compra há {silent}",
		"history.once":                "veio uma única vez, há {silent}",
		"history.once.bought":         "comprou uma única vez, há {silent}",
		"history.short":               "veio só por pouco tempo, a última vez há {silent}",
		"history.short.bought":        "comprou só por pouco tempo, a última vez há {silent}",
		"contact.mail":                "abre nossos e-mails, mas não vem há {silent}",
		"contact.mail.bought":         "abre nossos e-mails, mas parou de comprar: nada há {silent}",
		"contact.message":             "lê nossas mensagens, mas não vem há {silent}",
		"contact.message.bought":      "lê nossas mensagens, mas parou de comprar: nada há {silent}",
		"contact.look":                "ainda dá uma olhada, mas não passa disso há {silent}",
		"contact.look.bought":         "ainda dá uma olhada, mas parou de comprar: nada há {silent}",
		"trend.fell":                  "as visitas caíram de {before} para {recent} {period}",
		"trend.fell.bought":           "as compras caíram de {before} para {recent} {period}",
		"trend.rose":                  "as visitas subiram de {before} para {recent} {period}",
		"trend.rose.bought":           "as compras subiram de {before} para {recent} {period}",
		"negatives.complaint":         "reclamou {trouble}, ainda sem solução",
		"negatives.complaint.settled": "reclamou {trouble}, já resolvido",
		"negatives.payment":           "um pagamento falhou {trouble}",
		"negatives.unsubscribed":      "saiu da lista de mensagens {trouble}",
		"negatives.returned":          "devolveu um pedido {trouble}",
		"negatives.quit":              "tinha ido embora {trouble}",
		"negatives.other":             "teve um problema com a gente {trouble}",
		"experience.scored":           "nos deu nota {rating} de 10",
		"experience.felt":             "parecia insatisfeito no último contato",
		"experience.glad":             "parecia satisfeito no último contato",
		"pressure":                    "recebeu {messages} mensagens nossas desde a última visita",
		"pressure.bought":             "recebeu {messages} mensagens nossas desde a última compra",
		"left":                        "encerrou a relação {left}",
		"joined":                      "entrou na conta e continua com um id conhecido",
		"recency.now":                 "acabou de voltar",
		"recency.now.bought":          "acabou de comprar de novo",
		"recency.back":                "voltou, última visita há {silent}",
		"recency.back.bought":         "voltou, última compra há {silent}",
		"recency.calm":                "clientes parecidos voltam mais do que parecia",

		"headline.possible":     "Pode estar se afastando: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.possible.one": "Pode estar se afastando: de cada 100 clientes assim, um não volta em {horizon}",
		"headline.likely":       "É mais provável que não volte: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.probable":     "Provavelmente foi embora: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.sure":         "Quase com certeza foi embora: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.lapsed":       "Dado como perdido: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.lapsed.one":   "Dado como perdido: de cada 100 clientes assim, um não volta em {horizon}",
		"headline.unusual":      "Fora do costume deste cliente: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.unusual.one":  "Fora do costume deste cliente: de cada 100 clientes assim, um não volta em {horizon}",
		"headline.worth":        "Vale a pena um contato: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.worth.one":    "Vale a pena um contato: de cada 100 clientes assim, um não volta em {horizon}",
		"headline.left":         "Foi embora por escolha própria: é certo, a menos que volte",
		"headline.joined":       "Entrou na conta: não foi embora, agora é conhecido por outro id",
		"headline.fine":         "Tudo bem: de cada 100 clientes assim, {count} vêm de novo em {horizon}",
		"headline.fine.one":     "Tudo bem: de cada 100 clientes assim, um vem de novo em {horizon}",
		"headline.back":         "De volta: de cada 100 clientes assim, {count} vêm de novo em {horizon}",
		"headline.back.one":     "De volta: de cada 100 clientes assim, um vem de novo em {horizon}",
		"headline.better":       "Melhor, mas ainda não fora de perigo: de cada 100 clientes assim, {count} não voltam em {horizon}",
		"headline.better.one":   "Melhor, mas ainda não fora de perigo: de cada 100 clientes assim, um não volta em {horizon}",

		"list.rhythm":  "fora do ritmo",
		"list.recency": "sumido há tempos",
		"list.history": "veio pouco",
		"list.contact": "olha, mas não volta",

		"back":        "uma visita agora levaria o risco para {percent}",
		"back.bought": "uma compra agora levaria o risco para {percent}",

		"advice.plain":                  "{back}",
		"advice.left":                   "pergunte por que foi embora; {back}",
		"advice.negatives.complaint":    "primeiro resolva a reclamação; {back}",
		"advice.negatives.payment":      "primeiro acerte o pagamento; {back}",
		"advice.negatives.unsubscribed": "nada de mensagens, procure outro caminho; {back}",
		"advice.negatives.returned":     "pergunte o que havia de errado no pedido; {back}",
		"advice.negatives.other":        "descubra o que deu errado; {back}",
		"advice.experience.scored":      "pergunte o que deu errado; {back}",
		"advice.experience.felt":        "pergunte o que deu errado; {back}",
		"advice.pressure":               "mande menos mensagens; {back}",
		"advice.contact.mail":           "ainda lê, uma boa oferta pode bastar; {back}",
		"advice.contact.message":        "ainda lê, uma boa oferta pode bastar; {back}",
		"advice.contact.look":           "ainda olha, uma boa oferta pode bastar; {back}",
		"advice.trend.fell":             "descubra o que mudou; {back}",
		"advice.history.once":           "dê um motivo para voltar; {back}",

		"percent.least":  "menos de 1%",
		"percent.most":   "mais de 99%",
		"period.hour":    "por hora",
		"period.day":     "por dia",
		"period.week":    "por semana",
		"period.month":   "por mês",
		"period.quarter": "por trimestre",
		"period.year":    "por ano",
	}
}
