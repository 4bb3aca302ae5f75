package churn

import "strconv"

func italian() *Language {
	return &Language{
		name:    "it",
		english: "Italian",
		phrases: italianPhrases(),
		units: [spanUnits]unitWords{
			{"un secondo", "secondi", "ogni secondo", false},
			{"un minuto", "minuti", "ogni minuto", false},
			{"un'ora", "ore", "ogni ora", true},
			{"un giorno", "giorni", "ogni giorno", false},
			{"una settimana", "settimane", "ogni settimana", true},
			{"un mese", "mesi", "ogni mese", false},
			{"un anno", "anni", "ogni anno", false},
			{"un'ora e mezza", "", "ogni ora e mezza", false},
			{"un giorno e mezzo", "", "ogni giorno e mezzo", false},
			{"un anno e mezzo", "", "ogni anno e mezzo", false},
		},
		numerals: [2][]string{
			{"due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci"},
			{"due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci"},
		},
		about: "circa", almost: "quasi",
		few: "pochi secondi", everyFew: "ogni pochi secondi",
		everyOf: func(amount string) string { return "ogni " + amount },
		percent: func(n int) string {
			if elided(n) || n >= 80 && n <= 89 {
				return "all'" + strconv.Itoa(n) + "%"
			}

			return "al " + strconv.Itoa(n) + "%"
		},
		day: func(n int) string {
			switch {
			case n == 1:
				return "il 1º"
			case elided(n):
				return "l'" + strconv.Itoa(n)
			}

			return "il " + strconv.Itoa(n)
		},
		months: [12]string{
			"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
			"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
		},
		ofMonth: " ", ofYear: " ",
	}
}

// elided says whether an Italian article before a number ends in an apostrophe:
// l'uno, l'otto, l'undici.
func elided(n int) bool { return n == 1 || n == 8 || n == 11 }

//nolint:misspell // it is Italian
func italianPhrases() map[string]string {
	return map[string]string{
		"rhythm":                      "veniva {every} circa, ora non si vede da {silent}",
		"rhythm.bought":               "comprava {every} circa, ora non compra da {silent}",
		"recency":                     "ultima visita: {silent} fa",
		"recency.bought":              "ultimo acquisto: {silent} fa",
		"history.once":                "è venuto una volta sola, {silent} fa",
		"history.once.bought":         "ha comprato una volta sola, {silent} fa",
		"history.short":               "è venuto solo per poco tempo, l'ultima volta {silent} fa",
		"history.short.bought":        "ha comprato solo per poco tempo, l'ultima volta {silent} fa",
		"contact.mail":                "apre le nostre email, ma non si vede da {silent}",
		"contact.mail.bought":         "apre le nostre email, ma ha smesso di comprare: niente da {silent}",
		"contact.message":             "legge i nostri messaggi, ma non si vede da {silent}",
		"contact.message.bought":      "legge i nostri messaggi, ma ha smesso di comprare: niente da {silent}",
		"contact.look":                "dà ancora un'occhiata, ma non fa altro da {silent}",
		"contact.look.bought":         "dà ancora un'occhiata, ma ha smesso di comprare: niente da {silent}",
		"trend.fell":                  "visite scese da {before} a {recent} {period}",
		"trend.fell.bought":           "acquisti scesi da {before} a {recent} {period}",
		"trend.rose":                  "visite salite da {before} a {recent} {period}",
		"trend.rose.bought":           "acquisti saliti da {before} a {recent} {period}",
		"negatives.complaint":         "ha reclamato {trouble}, problema non ancora risolto",
		"negatives.complaint.settled": "ha reclamato {trouble}, problema poi risolto",
		"negatives.payment":           "un pagamento non è andato a buon fine {trouble}",
		"negatives.unsubscribed":      "si è disiscritto dai messaggi {trouble}",
		"negatives.returned":          "ha restituito un ordine {trouble}",
		"negatives.quit":              "aveva chiuso il rapporto {trouble}",
		"negatives.other":             "ha avuto un problema con noi {trouble}",
		"experience.scored":           "ci ha dato {rating} su 10",
		"experience.felt":             "all'ultimo contatto sembrava scontento",
		"experience.glad":             "all'ultimo contatto sembrava contento",
		"pressure":                    "ha ricevuto {messages} nostri messaggi dopo l'ultima visita",
		"pressure.bought":             "ha ricevuto {messages} nostri messaggi dopo l'ultimo acquisto",
		"left":                        "ha chiuso il rapporto {left}",
		"joined":                      "ha effettuato l'accesso e continua con un id noto",
		"recency.now":                 "è appena tornato",
		"recency.now.bought":          "ha appena comprato di nuovo",
		"recency.back":                "è tornato, ultima visita: {silent} fa",
		"recency.back.bought":         "è tornato, ultimo acquisto: {silent} fa",
		"recency.calm":                "clienti simili tornano più spesso di quanto sembrasse",

		"headline.possible":     "Forse si sta allontanando: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.possible.one": "Forse si sta allontanando: su 100 clienti così, uno non torna entro {horizon}",
		"headline.likely":       "È più probabile che non torni: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.probable":     "Probabilmente perso: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.sure":         "Quasi certamente perso: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.lapsed":       "Considerato perso: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.lapsed.one":   "Considerato perso: su 100 clienti così, uno non torna entro {horizon}",
		"headline.unusual":      "Insolito per questo cliente: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.unusual.one":  "Insolito per questo cliente: su 100 clienti così, uno non torna entro {horizon}",
		"headline.worth":        "Vale la pena contattarlo: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.worth.one":    "Vale la pena contattarlo: su 100 clienti così, uno non torna entro {horizon}",
		"headline.left":         "Se n'è andato per scelta: è certo, a meno che non torni",
		"headline.joined":       "Ha effettuato l'accesso: non è andato via, ora è noto con un altro id",
		"headline.fine":         "Tutto bene: su 100 clienti così, {count} si rivedono entro {horizon}",
		"headline.fine.one":     "Tutto bene: su 100 clienti così, uno si rivede entro {horizon}",
		"headline.back":         "È tornato: su 100 clienti così, {count} si rivedono entro {horizon}",
		"headline.back.one":     "È tornato: su 100 clienti così, uno si rivede entro {horizon}",
		"headline.better":       "Meglio, ma non ancora al sicuro: su 100 clienti così, {count} non tornano entro {horizon}",
		"headline.better.one":   "Meglio, ma non ancora al sicuro: su 100 clienti così, uno non torna entro {horizon}",

		"list.rhythm":  "fuori ritmo",
		"list.recency": "non si vede da tempo",
		"list.history": "è venuto poco",
		"list.contact": "guarda, ma non torna",

		"back":        "una visita ora porterebbe il rischio {percent}",
		"back.bought": "un acquisto ora porterebbe il rischio {percent}",

		"advice.plain":                  "{back}",
		"advice.left":                   "chiedi perché se n'è andato; {back}",
		"advice.negatives.complaint":    "prima risolvi il reclamo; {back}",
		"advice.negatives.payment":      "prima sistema il pagamento; {back}",
		"advice.negatives.unsubscribed": "niente più messaggi, cerca un'altra via; {back}",
		"advice.negatives.returned":     "chiedi che cosa non andava nell'ordine; {back}",
		"advice.negatives.other":        "scopri che cosa è andato storto; {back}",
		"advice.experience.scored":      "chiedi che cosa è andato storto; {back}",
		"advice.experience.felt":        "chiedi che cosa è andato storto; {back}",
		"advice.pressure":               "manda meno messaggi; {back}",
		"advice.contact.mail":           "legge ancora, una buona offerta può bastare; {back}",
		"advice.contact.message":        "legge ancora, una buona offerta può bastare; {back}",
		"advice.contact.look":           "guarda ancora, una buona offerta può bastare; {back}",
		"advice.trend.fell":             "scopri che cosa è cambiato; {back}",
		"advice.history.once":           "dagli un motivo per tornare; {back}",

		"percent.least":  "sotto l'1%",
		"percent.most":   "oltre il 99%",
		"period.hour":    "all'ora",
		"period.day":     "al giorno",
		"period.week":    "alla settimana",
		"period.month":   "al mese",
		"period.quarter": "al trimestre",
		"period.year":    "all'anno",
	}
}
