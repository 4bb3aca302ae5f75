// Package cloudevents reads CloudEvents 1.0: structured, as the JSON event format,
// and binary, as the NATS protocol binding has it, with attributes in headers.
//
// How one becomes an event:
//
//   - Its id is source and id, with a blank between: only together are they unique.
//     Where that is too long, it is "ce:" and its XXH3-128.
//   - Its type is type. Where the vocabulary lacks that, and has what is left of it
//     without its first labels, it is the longest such rest: com.example.order.completed
//     is order.completed.
//   - Its time is time, else the time of the data, else that of the receipt.
//   - The customer is the customer of the data, else the extension attribute
//     customer, else, where the data has no anonymous_id, the subject.
//   - Data that is a JSON object gives the fields of the native event that it has,
//     but for id and type. The properties are those of the data, else the data. Of
//     text, number and truth fields those that have another form are left there;
//     customer, anonymous_id, value and currency are refused. Other data is not read.
//
// It promises what the native decoder does: strict JSON and limits of each field. It
// does not check what the specification asks of extension attributes. Read names.go
// first, then decode.go, then data.go; binary.go is for headers.
package cloudevents
