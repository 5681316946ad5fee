using System.CommandLine;
using OverlayImg.Builders;

namespace OverlayImg.Cli.Options;

/// <summary>How registries are spoken to.</summary>
internal sealed class RegistryGroup
{
    private readonly Option<bool> _plainHttp = new("--plain-http")
    {
        Description = "Speak http, without TLS, to the registry. One on this machine may do so without being asked.",
    };

    private readonly Option<bool> _noVerify = new("--tls-no-verify") { Description = "Believe any certificate of the registry." };

    private readonly Option<string?> _authFile = new("--authfile")
    {
        Description = "The file with the credentials, in docker's form. [default: $REGISTRY_AUTH_FILE, docker's config.json or podman's auth.json]",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _plainHttp, _noVerify, _authFile }) command.Add(option);
    }

    /// <exception cref="UsageException">The cache's limit is no size.</exception>
    public RegistryAccess Read(ParseResult parsed) => new(
        new() { PlainHttp = parsed.GetValue(_plainHttp), SkipTlsVerification = parsed.GetValue(_noVerify), CredentialsFile = parsed.GetValue(_authFile) },
        CommonOptions.CacheLimitOf(parsed));
}
