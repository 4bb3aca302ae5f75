package segment

import (
	"bytes"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// readProperties takes the properties, and of a track call its value and product.
func (d *Decoder) readProperties(ev *event.Event) {
	got := &d.picker.Got
	ev.Properties = got[properties].Raw
	if raw := ev.Properties; len(raw) > 0 && raw[0] != '{' {
		d.refuse(properties, "send a JSON object")
	}
	if ev.Properties == nil {
		ev.Properties = got[traits].Raw
		if raw := ev.Properties; len(raw) > 0 && raw[0] != '{' {
			d.refuse(traits, "send a JSON object")
		}
	}
	if got[eventName].Raw == nil {
		return
	}
	if ev.Product = d.identifier(productID, event.MaxFieldBytes); len(ev.Product) == 0 {
		ev.Product = d.identifier(sku, event.MaxFieldBytes)
	}
	d.readValue(ev)
	if ev.Has(event.HasValue) {
		d.readCurrency(ev)
	}
	d.readProgress(ev)
}

// readValue takes the value from the first that has one; see the package.
func (d *Decoder) readValue(ev *event.Event) {
	for _, slot := range [...]int{revenue, total, value} {
		v, ok, wrong := d.money(slot)
		if wrong && slot != total { // the specification reserves the others
			d.refuse(slot, "send a number, without quotes, of at most 1e18")
		}
		if ok {
			ev.Value, ev.Fields = v, ev.Fields|event.HasValue

			break
		}
	}
	if !ev.Has(event.HasValue) {
		if v, ok := times(d.picker.Got[price].Raw, d.picker.Got[quantity].Raw); ok {
			ev.Value, ev.Fields = v, ev.Fields|event.HasValue
		}
	}
	d.readProducts(ev)
}

// readProducts takes what the products of an order say, where the order itself
// doesn't: the sum, and the only product.
func (d *Decoder) readProducts(ev *event.Event) {
	list := d.picker.Got[products].Raw
	if list == nil || ev.Has(event.HasValue) && len(ev.Product) > 0 {
		return
	}
	if list[0] != '[' {
		d.refuse(products, "send a JSON array of products")

		return
	}
	if ev.Has(event.HasValue) {
		d.onlyProduct(ev, list)

		return
	}
	count, sum, priced := 0, amount.Amount{}, false
	d.items.Items(list, func(item []byte) bool {
		count++
		line := d.product(item)
		if line.priced {
			sum, priced = sum.Add(line.value), true
		}
		if len(ev.Product) == 0 && count == 1 {
			ev.Product = line.id
		} else if count == 2 && d.picker.Got[productID].Raw == nil && d.picker.Got[sku].Raw == nil {
			ev.Product = nil
		}

		return true
	})
	if priced && !amount.Max().Less(sum.Abs()) {
		ev.Value, ev.Fields = sum, ev.Fields|event.HasValue
	}
}

// onlyProduct takes the product of an order of one.
func (d *Decoder) onlyProduct(ev *event.Event, list []byte) {
	only, count := []byte(nil), 0
	d.items.Items(list, func(item []byte) bool {
		only, count = item, count+1

		return count == 1
	})
	if count == 1 {
		ev.Product = d.product(only).id
	}
}

// line is what one product of an order says.
type line struct {
	id     []byte
	value  amount.Amount
	priced bool
}

// product reads an item of the products, which is JSON for sure.
func (d *Decoder) product(item []byte) (l line) {
	var number [2][]byte
	d.lines.Members(item, func(name, raw []byte) {
		switch string(name) {
		case "product_id":
			l.id = plainText(raw)
		case "sku":
			if l.id == nil {
				l.id = plainText(raw)
			}
		case "price":
			number[0] = raw
		case "quantity":
			number[1] = raw
		}
	})
	l.value, l.priced = times(number[0], number[1])

	return l
}

// plainText is a string without escapes that fits a field, or a whole number.
func plainText(raw []byte) []byte {
	switch {
	case len(raw) > event.MaxFieldBytes:
	case raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0:
		return raw[1 : len(raw)-1]
	case isWhole(raw):
		return raw
	}

	return nil
}

// times is a price for a quantity; 1 where there is none.
func times(price, quantity []byte) (amount.Amount, bool) {
	if price == nil {
		return amount.Amount{}, false
	}
	each, ok := amountOf(price)
	if !ok || quantity == nil {
		return each, ok
	}
	n, ok := amountOf(quantity)
	if !ok {
		return amount.Amount{}, false
	}

	return each.Times(n)
}

// amountOf is a number, or one in quotes, as some servers send money.
func amountOf(raw []byte) (amount.Amount, bool) {
	if n := len(raw); n > 2 && raw[0] == '"' {
		raw = raw[1 : n-1]
	}
	if len(raw) == 0 || !scan.IsNumber(raw) {
		return amount.Amount{}, false
	}

	return scan.ParseAmount(raw)
}

// money is the amount in a slot; wrong where one stands there that is none.
func (d *Decoder) money(slot int) (v amount.Amount, ok, wrong bool) {
	raw := d.picker.Got[slot].Raw
	if raw == nil || string(raw) == `""` {
		return v, false, false
	}
	v, ok = amountOf(raw)

	return v, ok, !ok
}

// readCurrency takes an ISO 4217 code in any case.
func (d *Decoder) readCurrency(ev *event.Event) {
	if ev.Currency = d.text(currency); len(ev.Currency) == 0 || event.IsCurrency(ev.Currency) {
		if raw := d.picker.Got[currency].Raw; len(raw) > 0 && raw[0] != '"' {
			d.refuse(currency, "send a string")
		}

		return
	}
	from := len(d.picker.Scratch)
	for _, c := range ev.Currency {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		d.picker.Scratch = append(d.picker.Scratch, c)
	}
	if ev.Currency = d.picker.Scratch[from:]; !event.IsCurrency(ev.Currency) {
		d.refuse(currency, "send an ISO 4217 code, such as EUR")
	}
}

// readProgress takes how far a video has come.
func (d *Decoder) readProgress(ev *event.Event) {
	at, whole := d.picker.Got[position].Raw, d.picker.Got[totalLength].Raw
	if at == nil || whole == nil || !scan.IsNumber(at) || !scan.IsNumber(whole) || !bytes.HasPrefix(d.picker.Got[eventName].Raw, []byte(`"Video `)) {
		return
	}
	seconds, ok := scan.ParseFloat(at)
	length, known := scan.ParseFloat(whole)
	if ok && known && seconds >= 0 && length > 0 && seconds <= length {
		ev.Progress, ev.Fields = seconds/length, ev.Fields|event.HasProgress
	}
}
