package producer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ebb/deploy/local"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/producer"
)

// An order is published to a server of the example's own.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	dir, err := os.MkdirTemp("", "ebb")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	server, err := local.StartNATS(local.NATSConfig{Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	js, err := jetstream.Connect(ctx, jetstream.ConnectConfig{URL: server.URL(), Name: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer js.Conn().Close()
	if err := jetstream.Provision(ctx, js, jetstream.Layout{}); err != nil { // ebb run does this
		fmt.Println(err)
		return
	}

	events := producer.New(js, producer.Options{})
	order := producer.Event{
		ID:       "order-4711",
		Time:     time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Customer: "c-17",
		Type:     "order.completed",
		Channel:  "web",
		Value:    new(19.99),
		Currency: "EUR",
	}
	fmt.Println("stored:", events.Publish(ctx, order) == nil)

	order.Type = ""
	fmt.Println("refused:", errors.Is(events.Publish(ctx, order), event.ErrMissingType))
	// Output:
	// stored: true
	// refused: true
}
