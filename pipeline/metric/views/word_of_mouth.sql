SELECT
    t.window_end AS window_end,
    t.window AS window,
    t.day AS day,
    t.customers AS customers,
    s.told AS told,
    if(customers >= 10, 1000 * told / customers, NULL) AS word_of_mouth
FROM v_total AS t
INNER JOIN
(
    SELECT window, window_end, sum(shares + mentions + referrals) AS told
    FROM v_social
    GROUP BY window, window_end
) AS s ON t.window = s.window AND t.window_end = s.window_end
