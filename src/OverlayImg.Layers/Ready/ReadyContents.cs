namespace OverlayImg.Layers.Ready;

/// <summary>
/// Small files that nearly every image needs (dockerTools' fakeNss, binSh, usrBinEnv, caCertificates; spec dockertools, 1.15 and 3).
/// </summary>
[Flags]
public enum ReadyContents
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>/etc/passwd</c> and <c>/etc/group</c> with root and nobody, <c>/etc/nsswitch.conf</c>, and the empty <c>/var/empty</c>.</summary>
    FakeNss = 1,

    /// <summary><c>/bin/sh</c>, a link to the shell that the image has.</summary>
    BinSh = 2,

    /// <summary><c>/usr/bin/env</c>, a link to the env that the image has.</summary>
    UsrBinEnv = 4,

    /// <summary>This machine's bundle of CA certificates, in the three places where programs look for it.</summary>
    CaCertificates = 8,
}
