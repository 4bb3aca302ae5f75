// Package segment reads events as Segment's SDKs send them and as its
// destinations receive them: track, identify, page, screen, group and alias.
//
// How a call becomes an event:
//
//   - id is messageId; without one, what the carrier gives.
//   - The customer is userId, the anonymous one anonymousId; of an alias call that has
//     none, the previousId is the anonymous one. Whole numbers are taken as text.
//   - The type of a track call is its event: Segment's names are aliases of ebb's
//     types. A name that the vocabulary lacks counts as the type track, which is
//     event.tracked, and stays in the field event; where no vocabulary is known,
//     names stay as they are. Other calls have the name of the call as their type.
//     A call without type is what its fields say: event, previousId, groupId,
//     traits, else page.
//   - The value of a track call is revenue, else total, else value, else price times
//     quantity (1 where it has none), else the sum of that over the products. The
//     currency is currency, in any case.
//   - The product is product_id, else sku, else that of the only product.
//   - The channel says browser or mobile; it counts where the type belongs to web or
//     app, and tells which of the two. The device is that of the context, the session
//     its sessionId, the campaign campaign_name, else campaign_id, else the name of the
//     campaign of properties or context. The message is email_id.
//   - Properties are those of the call, or its traits. Context, integrations and what
//     else a call has are left out: they hold addresses and agents of people.
//   - The time is timestamp, else that of the receipt; see clock.go for wrong clocks.
//
// It promises what the native decoder does: strict JSON, limits of each field, no
// allocation for an event that it accepts. Read names.go first, then decode.go.
package segment
