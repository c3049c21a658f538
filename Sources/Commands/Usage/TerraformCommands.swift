/// Commands of Terraform that there are none of here, and what to use in their place.
enum TerraformCommands {
    /// Why there is no such command, and what to do; nil for a name that is none of Terraform's.
    static func reason(_ name: String) -> String? { reasons[name] }

    private static let reasons = [
        "env": """
        It is called "flinkform workspace".
        """,
        "fmt": """
        The language is Terraform's: "terraform fmt" or "tofu fmt" formats the files.
        """,
        "metadata": """
        The functions are Terraform's: "terraform metadata functions -json" describes
        them. The resource types are described by "flinkform providers schema -json".
        """,
        "modules": """
        Modules are read where they are: "flinkform get" lists them.
        """,
        "providers lock": """
        The providers are part of flinkform, so there is no lock file to write.
        """,
        "providers mirror": """
        The providers are part of flinkform, so there is nothing to copy.
        """,
        "test": """
        "terraform test" runs files of tests. To try a configuration without an account,
        let it plan and apply against confluent-emulator.
        """,
    ]
}
