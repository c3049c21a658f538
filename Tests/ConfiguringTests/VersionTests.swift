import Testing

/// `required_version` against 1.11.4; each was tried with Terraform 1.11.4.
struct VersionTests {
    @Test(arguments: [
        "1.11.4", "= 1.11.4", "v1.11.4", ">= 1", ">=1.5,<2", ">= 1.5 , < 2.0.0", "~> 1.0", "~> 1.11.0", "~> 1", "~> 0",
        "!= 1.11.3",
        "> 1.11.3", "<= 1.11.4", "\t>= 1.0 ", ">= 1.11.4+build",
    ]) func allowed(_ constraint: String) {
        #expect(summaries(constraint) == [])
    }

    @Test(arguments: [
        "1.11.3", "> 1.11.4", "< 1.11.4", "~> 1.12", "~> 1.10.0", "~> 2", "!= 1.11.4", ">= 1.0, < 1.11", "~> 1.2.3.4",
        ">= 2.0",
    ]) func refused(_ constraint: String) {
        #expect(summaries(constraint) == ["Unsupported Terraform version"])
    }

    @Test(arguments: [
        "", "1.x", "=> 1", ">> 1", "~ 1", "1.0,", "latest", ">= 1.0 < 2.0", "1..2", "1.2.", "-1", "1.0-", "1.0+",
        "^1.0",
        "99999999999999999999", "1.2-ü", "> 1.11.4-beta1",
    ]) func notUnderstood(_ constraint: String) {
        #expect(summaries(constraint) == ["Invalid version constraint"])
    }

    private func summaries(_ constraint: String) -> [String] {
        let text = constraint.replacing("\t", with: "\\t")
        return Loaded("terraform {\n  required_version = \"\(text)\"\n}\n").summaries
    }
}
