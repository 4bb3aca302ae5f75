package replay_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"ebb/pipeline/replay"
)

// A mapping says which columns become which fields.
func Example() {
	mapping, err := replay.ParseMapping([]byte(`
name: shop
delimiter: ";"
fields:
  time: ordered at
  customer: client
  type: action
  value: amount
constants:
  channel: web
  currency: EUR
types:
  buy: order.completed
time:
  formats: ["02.01.2006 15:04"]
  zone: Europe/Berlin
`))
	if err != nil {
		fmt.Println(err)

		return
	}
	const file = `ordered at;client;action;amount;gift
19.10.2004 21:56;anna;buy;12.50;yes
20.10.2004;bert;buy;7.00;
`
	source := replay.Source{Name: "shop.csv", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(file)), nil
	}}
	reader, err := replay.NewReader(source, mapping, replay.ReadOptions{Digest: "97577d72ec3f53d9"})
	if err != nil {
		fmt.Println(err)

		return
	}
	defer reader.Close()
	var row replay.Row
	for {
		err := reader.Next(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)

			return
		}
		fmt.Println(string(row.Body))
		if row.Problem != nil {
			fmt.Println(row.Problem)
		}
	}
	// Output:
	// {"id":"97577d72ec3f53d9-1","time":"2004-10-19T19:56:00.000Z","customer":"anna","type":"order.completed","channel":"web","value":12.50,"currency":"EUR","properties":{"gift":"yes"}}
	// {"id":"97577d72ec3f53d9-2","time":"20.10.2004","customer":"bert","type":"order.completed","channel":"web","value":7.00,"currency":"EUR"}
	// shop.csv: row 2 (line 3), column ordered at: time is "20.10.2004", which is not a time of 1970 to 2200 in the format 02.01.2006 15:04; name the format of the file in the mapping under time.formats
}
