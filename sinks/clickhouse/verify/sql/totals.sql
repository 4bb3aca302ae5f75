SELECT
    (SELECT count() FROM verify_verdicts) + (SELECT count() FROM verify_refused_controls) AS published,
    (SELECT countIf(verdict = '') FROM verify_verdicts) AS processed,
    (SELECT countIf(verdict = 'duplicate') FROM verify_verdicts) AS duplicates,
    (SELECT countIf(verdict NOT IN ('', 'late', 'duplicate')) FROM verify_verdicts) + (SELECT count() FROM verify_refused_controls) AS dead_letters,
    (SELECT countIf(verdict = 'late') FROM verify_verdicts) AS late_dropped
