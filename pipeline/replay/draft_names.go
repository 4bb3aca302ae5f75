package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// drafting makes a mapping of a sample.
type drafting struct {
	sample *sample
	fields map[field]string
	group  string // column of orders that have several rows
	notes  []string
}

// otherNames are those under which files keep what events may have beside what they
// need, without case, the likeliest first.
func otherNames(f field) []string {
	switch f {
	case fieldID:
		return []string{"event_id", "message_id", "messageid", "id", "uuid"}
	case fieldValue:
		return []string{"value", "revenue", "amount", "total", "order_total", "total_price", "total_amount", "price", "betrag", "umsatz", "summe", "montant"}
	case fieldCurrency:
		return []string{"currency", "currency_code", "waehrung", "währung", "devise"}
	case fieldChannel:
		return []string{"channel", "kanal"}
	case fieldSession:
		return []string{"session_id", "sessionid", "session", "user_session"}
	case fieldCampaign:
		return []string{"utm_campaign", "campaign", "campaign_name"}
	case fieldProduct:
		return []string{"product_id", "productid", "sku", "product", "artikel"}
	case fieldTime:
		return []string{"datum", "order_date", "orderdate", "invoicedate", "date_time", "zeit", "zeitpunkt"}
	case fieldCustomer:
		return []string{"kunde", "kundennummer", "client", "email", "user", "id_client"}
	case fieldType:
		return []string{"ereignis", "activity"}
	}

	return nil
}

// name finds the column or path of each field.
func (d *drafting) name() {
	for _, f := range []field{
		fieldTime, fieldCustomer, fieldAnonymousID, fieldType, fieldID, fieldValue, fieldCurrency, fieldChannel, fieldSession, fieldCampaign, fieldProduct,
	} {
		for _, want := range append(likelyNames(f), otherNames(f)...) {
			i := slices.IndexFunc(d.sample.names, func(name string) bool { return lastStep(name) == want && !d.taken(name) && d.suits(f, name) })
			if i >= 0 {
				d.fields[f] = d.sample.names[i]

				break
			}
		}
	}
	if d.fields[fieldTime] == "" {
		d.timeByContent()
	}
	d.orderLines()
}

// lastStep is the last name of a path, without case.
func lastStep(path string) string {
	return strings.TrimPrefix(strings.ToLower(path[strings.LastIndexByte(path, '.')+1:]), "$")
}

func (d *drafting) taken(name string) bool {
	for _, other := range d.fields {
		if other == name {
			return true
		}
	}

	return false
}

// suits says whether what stands under a name can be the field.
func (d *drafting) suits(f field, name string) bool {
	texts := d.sample.texts[name]
	switch f {
	case fieldTime:
		_, share := bestTime(texts)

		return share > 0.5
	case fieldID:
		unique := slices.Compact(slices.Sorted(slices.Values(texts)))

		return len(texts) == d.sample.rows && len(unique) == len(texts)
	case fieldValue:
		_, share := bestNumbers(texts)

		return share > 0.5
	}

	return len(texts) > 0
}

// timeByContent takes the first column whose texts are times, and no mere numbers.
func (d *drafting) timeByContent() {
	for _, name := range d.sample.names {
		format, share := bestTime(d.sample.texts[name])
		if share > 0.9 && !strings.HasPrefix(format, "unix") && !d.taken(name) {
			d.fields[fieldTime] = name

			return
		}
	}
}

// text is the mapping as YAML.
func (d *drafting) text(file string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}

		return -1
	}, strings.ToLower(strings.SplitN(file, ".", 2)[0]))
	if name == "" {
		name = "mine"
	}
	line("name: %s", name)
	line("format: %s", d.sample.format)
	if d.sample.encoding != "" {
		line("encoding: %s", d.sample.encoding)
		d.notes = append(d.notes, "The text is no UTF-8; windows-1252 is taken for its encoding: look at letters beyond A to Z.")
	}
	line("fields:")
	for f := range fieldCount {
		if path := d.fields[f]; path != "" {
			line("  %s: %s", f, quotedName(path))
		}
	}
	if d.group != "" {
		line("group: %s", quotedName(d.group))
	}
	d.constants(line)
	d.times(line)
	if numbers, _ := bestNumbers(d.sample.texts[d.money()]); numbers != (Numbers{}) {
		line("numbers: {decimal: %q, group: %q}", numbers.decimal(), numbers.Group)
	}

	return b.String()
}

// money is the column of amounts.
func (d *drafting) money() string { return cmp.Or(d.fields[fieldValue], d.fields[fieldPrice]) }

// constants are what no column says.
func (d *drafting) constants(line func(string, ...any)) {
	kept := ""
	if d.fields[fieldType] == "" {
		kept = "type: order.completed"
		d.notes = append(d.notes, "No column says what happened: order.completed is taken for all rows; change it under constants.")
	}
	if kept != "" {
		line("constants: {%s}", kept)
	}
	if d.money() != "" && d.fields[fieldCurrency] == "" {
		d.notes = append(d.notes, "No column says the currency: write one under constants, such as currency: EUR.")
	}
}

// times says how times are written.
func (d *drafting) times(line func(string, ...any)) {
	texts := d.sample.texts[d.fields[fieldTime]]
	format, share := bestTime(texts)
	line("time: {formats: [%q], zone: UTC}", format)
	if share < 1 {
		d.notes = append(d.notes, fmt.Sprintf("Of the times, %.0f %% are not in the format %s; add theirs under time.formats.", 100*(1-share), format))
	}
	if swapped, ok := strings.CutPrefix(format, "dd/MM"); ok && readShare("MM/dd"+swapped, texts) == share {
		d.notes = append(d.notes, "Whether the day or the month comes first can't be told from the rows; dd/MM is taken.")
	}
	if timeFormat, err := parseTimeFormat(format); err == nil && !timeFormat.offset && timeFormat.layout != "" {
		d.notes = append(d.notes, "The times name no zone: UTC is taken; write yours under time, such as zone: Europe/Berlin.")
	}
}
