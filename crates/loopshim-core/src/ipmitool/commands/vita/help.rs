//! What `vita` and its sub-commands say about themselves, each at once.

pub(super) const VITA: &str = "\
VITA commands:
    properties        - get VSO properties
    frucontrol        - FRU control
    addrinfo          - get address information
    activate          - activate a FRU
    deactivate        - deactivate a FRU
    policy get        - get the FRU activation policy
    policy set        - set the FRU activation policy
    led prop          - get led properties
    led cap           - get led color capabilities
    led get           - get led state
    led set           - set led state";

/// There is none: this is the sub-command's number in the original.
pub(super) const PROPERTIES: &str = "Unknown (0x01)";

pub(super) const FRU_CONTROL: &str = "\
usage: frucontrol <FRU-ID> <OPTION>
    OPTION: 0 - Cold Reset
            1 - Warm Reset
            2 - Graceful Reboot
            3 - Issue Diagnostic Interrupt";

pub(super) const ADDRESS: &str = "usage: addrinfo [<FRU-ID>]";

pub(super) const ACTIVATE: &str = "usage: activate <FRU-ID>";

pub(super) const DEACTIVATE: &str = "usage: deactivate <FRU-ID>";

pub(super) const POLICY_GET: &str = "usage: policy get <FRU-ID>";

pub(super) const POLICY_SET: &str = "\
usage: policy set <FRU-ID> <MASK> <VALUE>
    MASK:  [3] affect the Default-Activation-Locked Policy Bit
           [2] affect the Commanded-Deactivation-Ignored Policy Bit
           [1] affect the Deactivation-Locked Policy Bit
           [0] affect the Activation-Locked Policy Bit
    VALUE: [3] value for the Default-Activation-Locked Policy Bit
           [2] value for the Commanded-Deactivation-Ignored Policy Bit
           [1] value for the Deactivation-Locked Policy Bit
           [0] value for the Activation-Locked Policy Bit";

pub(super) const LED_PROPERTIES: &str = "usage: led prop <FRU-ID>";

pub(super) const LED_COLORS: &str = "usage: led cap <FRU-ID> <LED-ID";

pub(super) const LED_GET: &str = "usage: led get <FRU-ID> <LED-ID";

pub(super) const LED_SET: &str = "\
usage: led set <FRU-ID> <LED-ID> <FUNCTION> <DURATION> <COLOR>
    <FRU-ID>
    <LED-ID>   0-0xFE:    Specified LED
               0xFF:      All LEDs under management control
    <FUNCTION> 0:       LED OFF override
               1 - 250: LED blinking override (off duration)
               251:     LED Lamp Test
               252:     LED restore to local control
               255:     LED ON override
    <DURATION> 1 - 127: LED Lamp Test / on duration
    <COLOR>    1:   BLUE
               2:   RED
               3:   GREEN
               4:   AMBER
               5:   ORANGE
               6:   WHITE
               0xE: do not change
               0xF: use default color";
