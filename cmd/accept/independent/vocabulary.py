"""The types of the vocabulary: kind, and the channel of an event that names none."""

_BY_CHANNEL = {
    # channel: passive, micro, active, exposure
    "web": (
        "page.viewed event.tracked",
        "page.pinged scroll.reached video.progressed product.searched",
        "account.signed_up newsletter.subscribed cart.added order.completed review.posted",
        "",
    ),
    "app": (
        "app.opened screen.viewed",
        "screen.pinged",
        "feature.used app.uninstalled",
        "",
    ),
    "email": (
        "email.opened",
        "email.clicked",
        "email.replied unsubscribed spam_reported",
        "message.sent message.delivered message.bounced",
    ),
    "sms": (
        "message.read",
        "message.clicked",
        "message.replied opted_out",
        "",
    ),
    "social": (
        "post.viewed",
        "post.liked conversation.joined",
        "post.shared post.commented mention.posted referral.made",
        "",
    ),
    "ads": (
        "ad.viewed ad.clicked",
        "",
        "lead.submitted",
        "spend.recorded",
    ),
    "store": (
        "visit.detected",
        "item.tried",
        "order.returned",
        "",
    ),
    "chat": (
        "",
        "chat.messaged",
        "",
        "",
    ),
    "call": (
        "",
        "",
        "call.started case.opened case.resolved",
        "",
    ),
    "survey": (
        "survey.shown",
        "survey.started",
        "survey.answered feedback.given",
        "",
    ),
    "loyalty": (
        "balance.viewed",
        "offer.viewed",
        "loyalty.enrolled points.redeemed",
        "points.earned",
    ),
    "billing": (
        "",
        "",
        "subscription.renewed payment.failed subscription.canceled",
        "",
    ),
    "none": (
        "",
        "",
        "",
        "customer.identified customer.forgotten",
    ),
}

TYPES = {
    name: (kind, channel)
    for channel, kinds in _BY_CHANNEL.items()
    for kind, names in zip(("passive", "micro", "active", "exposure"), kinds)
    for name in names.split()
}
