from django.urls import path

from apps.quality.views import bench, golden, runs, why

urlpatterns = [
    path("search/bench/", bench.bench, name="bench"),
    path("search/why/", why.why, name="why"),
    path("search/golden/", golden.golden, name="golden"),
    path("search/golden/new/<uuid:cabinet_id>/", golden.golden_new, name="golden-new"),
    path("search/golden/questions/<uuid:question_id>/", golden.golden_question, name="golden-question"),
    path("search/golden/runs/<uuid:run_id>/", runs.golden_run, name="golden-run"),
]
