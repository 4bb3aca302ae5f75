package replay

import (
	"fmt"
	"slices"
)

// orderLines finds out whether rows are lines of orders: a quantity and a price beside
// no value of the whole, and the order that they are of.
func (d *drafting) orderLines() {
	quantity := d.numbersUnder("quantity", "qty", "menge", "anzahl", "stueckzahl", "quantité")
	price := d.numbersUnder("unit_price", "unitprice", "price_each", "item_price", "price", "einzelpreis", "preis", "prix", "prix_unitaire")
	if quantity == "" || price == "" || d.fields[fieldValue] != "" && d.fields[fieldValue] != price {
		return
	}
	delete(d.fields, fieldValue)
	d.fields[fieldQuantity], d.fields[fieldPrice] = quantity, price
	order := d.under("order_id", "orderid", "order_number", "order_no", "order", "invoice_no", "invoiceno", "invoice", "transaction_id", "bestellnummer", "rechnungsnummer", "commande")
	texts := d.sample.texts[order]
	if order == "" || len(slices.Compact(slices.Sorted(slices.Values(texts)))) == len(texts) {
		return // no order has several rows
	}
	d.group = order
	d.notes = append(d.notes, fmt.Sprintf("Rows with the same %s are taken for lines of one order: one event, worth quantity times price of all of them. Remove group where they are events of their own.", order))
}

// under is the first of the names that the file has, as it is written there.
func (d *drafting) under(names ...string) string {
	for _, want := range names {
		if i := slices.IndexFunc(d.sample.names, func(name string) bool { return lastStep(name) == want && len(d.sample.texts[name]) > 0 }); i >= 0 {
			return d.sample.names[i]
		}
	}

	return ""
}

// numbersUnder is the same of a column of numbers.
func (d *drafting) numbersUnder(names ...string) string {
	name := d.under(names...)
	if _, share := bestNumbers(d.sample.texts[name]); share <= 0.5 {
		return ""
	}

	return name
}
