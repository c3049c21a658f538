/// The job of a pipeline that a run belongs to, as the usual services tell it in the environment.
enum Job {
    /// Which job it is, such as `GitHub Actions: https://…`; empty outside of a pipeline.
    ///
    /// Sources: the documentation of each service on the variables that it predefines.
    static func description(_ environment: [String: String]) -> String {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if value("GITHUB_ACTIONS") == "true", let server = value("GITHUB_SERVER_URL"),
            let repository = value("GITHUB_REPOSITORY"), let run = value("GITHUB_RUN_ID")
        {
            let attempt = value("GITHUB_RUN_ATTEMPT").map { "/attempts/\($0)" } ?? ""
            let job = value("GITHUB_JOB").map { " (job \($0))" } ?? ""
            return "GitHub Actions: \(server)/\(repository)/actions/runs/\(run)\(attempt)\(job)"
        }
        if value("GITLAB_CI") == "true", let url = value("CI_JOB_URL") {
            return "GitLab CI: \(url)" + (value("CI_JOB_NAME").map { " (job \($0))" } ?? "")
        }
        if value("BUILDKITE") == "true", let url = value("BUILDKITE_BUILD_URL") {
            return "Buildkite: \(url)" + (value("BUILDKITE_JOB_ID").map { "#\($0)" } ?? "")
        }
        if value("JENKINS_URL") != nil, let url = value("BUILD_URL") {
            return "Jenkins: \(url)" + (value("JOB_NAME").map { " (job \($0))" } ?? "")
        }
        return ""
    }
}
