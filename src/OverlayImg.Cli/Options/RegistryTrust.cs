using System.CommandLine;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>What a user allows with a registry, and with no other host: neither with another registry, nor with a host that this one leads to.</summary>
/// <param name="prefix">What stands before the options' names.</param>
/// <param name="registry">Which registry, for the help.</param>
internal sealed class RegistryTrust(string prefix, string registry)
{
    private readonly Option<bool> _plainHttp = new Option<bool>($"--{prefix}plain-http")
    {
        Description = $"Speak http, without TLS, to {registry}, and to no other host. One on this machine may do so without being asked.",
    }.Sets(ImageSetting.PlainHttp);

    private readonly Option<bool> _noVerify = new Option<bool>($"--{prefix}tls-no-verify")
    {
        Description = $"Believe any certificate of {registry}, and of no other host.",
    }.Sets(ImageSetting.TlsVerification);

    public void AddTo(Command command)
    {
        command.Add(_plainHttp);
        command.Add(_noVerify);
    }

    /// <summary>The first option that is given; null where none is.</summary>
    public string? Given(ParseResult parsed) => parsed.GetValue(_plainHttp) ? _plainHttp.Name : parsed.GetValue(_noVerify) ? _noVerify.Name : null;

    /// <summary>The options, and what is allowed with the registries.</summary>
    public RegistryOptions Allow(RegistryOptions options, ParseResult parsed, params IEnumerable<string> registries) => options with
    {
        PlainHttp = parsed.GetValue(_plainHttp) ? new HashSet<string>([.. options.PlainHttp, .. registries]) : options.PlainHttp,
        SkipTlsVerification = parsed.GetValue(_noVerify) ? new HashSet<string>([.. options.SkipTlsVerification, .. registries]) : options.SkipTlsVerification,
    };

    /// <summary>As the other one, for a side that should be a registry.</summary>
    /// <exception cref="UsageException">An option is given, and it is none.</exception>
    public RegistryOptions AllowIn(RegistryOptions options, ParseResult parsed, string? registry)
    {
        if (registry is not null) return Allow(options, parsed, registry);
        return Given(parsed) is { } given ? throw new UsageException($"{given} is about a registry, and that side names none: give docker://HOST/NAME.") : options;
    }
}
