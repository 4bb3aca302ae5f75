SELECT partition, day, channels > 0 AS customers, channels > 1 AS cross_channel, devices > 0 AS with_device, devices > 1 AS cross_device
FROM verify_people
