SELECT channel FROM v_channel WHERE window = '28d' AND day >= (SELECT toDate32(clock) - 60 FROM v_clock) GROUP BY channel ORDER BY sum(events) DESC LIMIT 64
