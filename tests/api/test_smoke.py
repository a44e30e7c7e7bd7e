import json
def test_x(service):
    for m,p,u in [("GET","/",None),("GET","/v1",None),("GET","/v1/",None),("GET","/healthcheck",None),("GET","/healthcheck?detailed",None),("GET","/v1/clusters",None),("GET","/v1/clusters","demo"),("GET","/v1/nope","demo"),("PUT","/v1/clusters","demo"),("GET","/v1/mservices","demo"),("GET","/v1/mservices","admin"),("GET","/v2/clusters","demo"),("GET","/clusters/","demo")]:
        a=service.call(m,p,user=u); print(m,p,u,a.status_code,a.text, dict(a.headers))
    t=service.template(); c=service.cluster(t, labels={"a":1,"kube_tagg":True})
    for p in ["", "/nodes","/events","/operations"]:
        print(json.dumps(service.call("GET",f"/v1/clusters/{c}{p}", version="latest").json,indent=1))
    print(service.call("GET",f"/v1/clustertemplates/{t}").json)
    print(service.call("DELETE",f"/v1/clusters/{c}").status_code)
    print(service.call("DELETE",f"/v1/clusters/{c}").status_code)
    print(service.call("GET",f"/v1/clusters/{c}/operations").text)
    assert 0
