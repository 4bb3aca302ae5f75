package segment

// Slots of the values that are picked from a call.
const (
	none = iota
	callType
	eventName
	userID
	anonymousID
	messageID
	timestamp
	originalTimestamp
	sentAt
	receivedAt
	previousID
	groupID
	pageName
	origin
	properties
	traits
	deviceType
	deviceID
	mobile
	sessionID
	contextCampaign
	revenue
	total
	value
	price
	quantity
	currency
	productID
	sku
	products
	emailID
	campaignName
	campaignID
	propertiesCampaign
	position
	totalLength
	slots
)

// pathOf is where a slot's value stands, for people.
func pathOf(slot int) string {
	return [slots]string{
		callType: "type", eventName: "event", userID: "userId", anonymousID: "anonymousId", messageID: "messageId", timestamp: "timestamp",
		originalTimestamp: "originalTimestamp", sentAt: "sentAt", receivedAt: "receivedAt", previousID: "previousId", groupID: "groupId",
		pageName: "name", origin: "channel", properties: "properties", traits: "traits", deviceType: "context.device.type",
		deviceID: "context.device.id", mobile: "context.userAgentData.mobile", sessionID: "context.sessionId",
		contextCampaign: "context.campaign.name", revenue: "properties.revenue", total: "properties.total", value: "properties.value",
		price: "properties.price", quantity: "properties.quantity", currency: "properties.currency", productID: "properties.product_id",
		sku: "properties.sku", products: "properties.products", emailID: "properties.email_id", campaignName: "properties.campaign_name",
		campaignID: "properties.campaign_id", propertiesCampaign: "properties.campaign.name", position: "properties.position",
		totalLength: "properties.total_length",
	}[slot]
}

// Places whose names are looked up.
const (
	inCall = iota
	inContext
	inDevice
	inAgent
	inContextCampaign
	inProperties
	inCampaign
	inProduct
)

// look is the scan.Look of a call. Both userId and user_id are taken: the
// specification itself writes both.
func look(in int, name []byte) (slot, opens int) {
	switch in {
	case inCall:
		return lookCall(name)
	case inContext:
		switch string(name) {
		case "device":
			return none, inDevice
		case "campaign":
			return none, inContextCampaign
		case "userAgentData":
			return none, inAgent
		case "sessionId":
			return sessionID, 0
		}
	case inDevice:
		switch string(name) {
		case "type":
			return deviceType, 0
		case "id":
			return deviceID, 0
		}
	case inAgent:
		if string(name) == "mobile" {
			return mobile, 0
		}
	case inContextCampaign:
		if string(name) == "name" {
			return contextCampaign, 0
		}
	case inCampaign:
		if string(name) == "name" {
			return propertiesCampaign, 0
		}
	case inProperties:
		return lookProperty(name)
	case inProduct:
		slot, _ = lookProperty(name)

		return slot, 0
	}

	return none, 0
}

func lookCall(name []byte) (slot, opens int) {
	switch string(name) {
	case "type", "action":
		return callType, 0
	case "event":
		return eventName, 0
	case "userId", "user_id":
		return userID, 0
	case "anonymousId", "anonymous_id":
		return anonymousID, 0
	case "messageId", "message_id":
		return messageID, 0
	case "timestamp":
		return timestamp, 0
	case "originalTimestamp", "original_timestamp":
		return originalTimestamp, 0
	case "sentAt", "sent_at":
		return sentAt, 0
	case "receivedAt", "received_at":
		return receivedAt, 0
	case "previousId", "previous_id":
		return previousID, 0
	case "groupId", "group_id":
		return groupID, 0
	case "name":
		return pageName, 0
	case "channel":
		return origin, 0
	case "context":
		return none, inContext
	case "properties":
		return properties, inProperties
	case "traits":
		return traits, 0
	}

	return none, 0
}

func lookProperty(name []byte) (slot, opens int) {
	switch string(name) {
	case "revenue":
		return revenue, 0
	case "total":
		return total, 0
	case "value":
		return value, 0
	case "price":
		return price, 0
	case "quantity":
		return quantity, 0
	case "currency":
		return currency, 0
	case "product_id":
		return productID, 0
	case "sku":
		return sku, 0
	case "products":
		return products, 0
	case "email_id":
		return emailID, 0
	case "campaign_name":
		return campaignName, 0
	case "campaign_id":
		return campaignID, 0
	case "campaign":
		return none, inCampaign
	case "position":
		return position, 0
	case "total_length":
		return totalLength, 0
	}

	return none, 0
}
