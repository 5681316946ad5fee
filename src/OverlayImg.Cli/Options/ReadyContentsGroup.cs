using System.CommandLine;
using OverlayImg.Layers;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Cli.Options;

/// <summary>Ready contents of a layer.</summary>
internal sealed class ReadyContentsGroup
{
    private readonly (Option<bool> Option, ReadyContents Contents)[] _options =
    [
        (new Option<bool>("--fake-nss")
        {
            Description = "Add /etc/passwd and /etc/group with root and nobody, /etc/nsswitch.conf and /var/empty. Here, as with the next three, " +
                "what the contents or the base image have already stays as it is.",
        }.Sets(LayerSetting.FakeNss), ReadyContents.FakeNss),
        (new Option<bool>("--bin-sh")
        {
            Description = "Add /bin/sh, a link to the bash, dash or busybox that is in the contents, the base image or the closure, " +
                "or in this machine's store.",
        }.Sets(LayerSetting.BinSh), ReadyContents.BinSh),
        (new Option<bool>("--usr-bin-env")
        {
            Description = "Add /usr/bin/env, a link to the env, coreutils or busybox that is in the contents, the base image or the closure, " +
                "or in this machine's store.",
        }.Sets(LayerSetting.UsrBinEnv), ReadyContents.UsrBinEnv),
        (new Option<bool>("--ca-certificates")
        {
            Description = "Add this machine's CA certificates ($SSL_CERT_FILE, or the system's) as /etc/ssl/certs/ca-certificates.crt, " +
                "/etc/ssl/certs/ca-bundle.crt and /etc/pki/tls/certs/ca-bundle.crt.",
        }.Sets(LayerSetting.CaCertificates), ReadyContents.CaCertificates),
    ];

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _options) command.Add(option);
    }

    public ReadyContents Read(ParseResult parsed) =>
        _options.Where(entry => parsed.GetValue(entry.Option)).Aggregate(ReadyContents.None, (ready, entry) => ready | entry.Contents);
}
