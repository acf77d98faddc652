import sqlite3,time,sys
db=sqlite3.connect(':memory:',isolation_level=None)
c=db.execute
db.create_function('now_ms',0,lambda:10**13)
c("CREATE TABLE s(id INTEGER PRIMARY KEY, lane TEXT, lid INTEGER, org_id TEXT, queue TEXT, operation TEXT, state INTEGER, priority INTEGER, per_org INTEGER, run_at INTEGER, payload TEXT)")
c("CREATE INDEX s_ready ON s(lane,priority,run_at,id) WHERE state=0")
c("CREATE INDEX s_ready2 ON s(lid,priority,run_at,id) WHERE state=0")
c("CREATE INDEX s_run ON s(org_id,queue) WHERE state=1")
c("CREATE TABLE o(org_id TEXT PRIMARY KEY, gate_until INTEGER, served INTEGER)")
c("CREATE TABLE l(id INTEGER PRIMARY KEY, org_id TEXT, queue TEXT, operation TEXT, per_org INTEGER)")
c("CREATE TABLE p(queue TEXT PRIMARY KEY)")
for o in range(50):
    c("INSERT INTO o VALUES(?,0,?)",('00Dxx%010dEAA'%o,o)); c("INSERT INTO l VALUES(?,?,'quotes','gq',4)",(o,'00Dxx%010dEAA'%o))
c("BEGIN")
for i in range(100000):
    o=i%50
    c("INSERT INTO s VALUES(NULL,?,?,?,'quotes','gq',0,5,4,?,'[]')",('quotes:00Dxx%010dEAA:gq'%o,o,'00Dxx%010dEAA'%o,i))
c("COMMIT")
def t(name,sql,n=300):
    b=time.process_time()
    for i in range(n): r=c(sql).fetchall()
    print(name,(time.process_time()-b)/n*1e6,'us',r[:1],len(r))
L="WITH RECURSIVE lane(lane) AS (SELECT min(lane) FROM s WHERE state=0 UNION ALL SELECT (SELECT min(x.lane) FROM s x WHERE x.state=0 AND x.lane>lane.lane) FROM lane WHERE lane.lane IS NOT NULL)"
H=L+", head(id) AS (SELECT (SELECT y.id FROM s y WHERE y.state=0 AND y.lane=lane.lane AND y.run_at<=1000000 ORDER BY y.priority,y.run_at,y.id LIMIT 1) FROM lane WHERE lane.lane IS NOT NULL)"
t('lanes',L+" SELECT * FROM lane")
t('head',H+" SELECT * FROM head")
t('full',H+" SELECT s.id FROM head JOIN s ON s.id=head.id JOIN o ON o.org_id=s.org_id WHERE o.gate_until<=5 AND (NULL IS NULL OR instr('x',','||s.operation||',')>0) AND NOT EXISTS(SELECT 1 FROM p WHERE p.queue=s.queue) AND (SELECT count(*) FROM s r WHERE r.state=1 AND r.org_id=s.org_id AND r.queue=s.queue)<s.per_org ORDER BY (SELECT count(*) FROM s r WHERE r.state=1 AND r.org_id=s.org_id), s.priority,o.served,s.run_at,s.id LIMIT 1")
L2=L.replace('lane(lane)','lane(lane)').replace('min(lane)','min(lid)').replace('x.lane','x.lid')
t('lanes int',L2+" SELECT * FROM lane")
H2=L2+", head(id,lane) AS (SELECT (SELECT y.id FROM s y WHERE y.state=0 AND y.lid=lane.lane AND y.run_at<=1000000 ORDER BY y.priority,y.run_at,y.id LIMIT 1), lane.lane FROM lane WHERE lane.lane IS NOT NULL)"
t('head int',H2+" SELECT * FROM head")
t('full int',H2+" SELECT s.id FROM head JOIN s ON s.id=head.id JOIN o ON o.org_id=s.org_id WHERE o.gate_until<=5 AND (NULL IS NULL OR instr('x',','||s.operation||',')>0) AND NOT EXISTS(SELECT 1 FROM p WHERE p.queue=s.queue) AND (SELECT count(*) FROM s r WHERE r.state=1 AND r.org_id=s.org_id AND r.queue=s.queue)<s.per_org ORDER BY (SELECT count(*) FROM s r WHERE r.state=1 AND r.org_id=s.org_id), s.priority,o.served,s.run_at,s.id LIMIT 1")
t('lane table loop', "SELECT l.id,(SELECT y.id FROM s y WHERE y.state=0 AND y.lid=l.id AND y.run_at<=1000000 ORDER BY y.priority,y.run_at,y.id LIMIT 1) h FROM l")
t('lane table full', "SELECT l.id,(SELECT y.id FROM s y WHERE y.state=0 AND y.lid=l.id AND y.run_at<=1000000 ORDER BY y.priority,y.run_at,y.id LIMIT 1) h FROM l JOIN o ON o.org_id=l.org_id WHERE o.gate_until<=5 AND h IS NOT NULL ORDER BY o.served LIMIT 1")
